import type {Context} from '../../../keyboard/keymap.ts';

export const serviceAccountsBindings = {
	showSecrets: {keys: ['enter', 'l', 'right'], help: 'Its client secrets', hint: 'secrets'},
	createAccount: {keys: ['n'], help: 'Create a service account', hint: 'new'},
	role: {keys: ['e'], help: 'Change the role', hint: 'role'},
	disable: {keys: ['d'], help: 'Disable, or enable', hint: 'disable'},
	remove: {keys: ['x'], help: 'Delete the account', hint: 'delete'},
	showKeysMade: {keys: ['K'], help: 'Live keys it made'},
	trail: {keys: ['a'], help: 'What it did', hint: 'trail'},
	copy: {keys: ['y'], help: 'Copy the client id'},
} as const satisfies Context;
