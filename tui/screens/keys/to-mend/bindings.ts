import type {Context} from '../../../keyboard/keymap.ts';

export const keysToMendBindings = {
	open: {keys: ['enter', 'l', 'right'], help: 'All about the key', hint: 'open'},
	mend: {keys: ['f'], help: 'Fix it as proposed', hint: 'fix'},
	edit: {keys: ['e'], help: 'Change the key', hint: 'edit'},
	suspend: {keys: ['d'], help: 'Suspend it, or marked', hint: 'suspend'},
	rotate: {keys: ['t'], help: 'Rotate, or end rotation', hint: 'rotate'},
	revoke: {keys: ['x'], help: 'Revoke it, or the marked', hint: 'revoke'},
	explain: {keys: ['v'], help: 'Explain: would it pass?'},
	trail: {keys: ['a'], help: 'Its audit trail'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
