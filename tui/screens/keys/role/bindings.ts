import type {Context} from '../../../keyboard/keymap.ts';

export const keyRoleBindings = {
	showKeys: {keys: ['K'], help: 'The keys that have it', hint: 'who has it'},
	edit: {keys: ['e'], help: 'Change name or scopes', hint: 'edit'},
	remove: {keys: ['x'], help: 'Delete the role', hint: 'delete'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
