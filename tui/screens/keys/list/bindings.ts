import type {Context} from '../../../keyboard/keymap.ts';

export const apiKeysBindings = {
	open: {keys: ['enter', 'l', 'right'], help: 'All about the key', hint: 'open'},
	create: {keys: ['n'], help: 'Create a key', hint: 'new'},
	edit: {keys: ['e'], help: 'Change the key', hint: 'edit'},
	suspend: {keys: ['d'], help: 'Suspend, or resume', hint: 'suspend'},
	suspendWhy: {keys: ['D'], help: 'Suspend, and say why'},
	rotate: {keys: ['t'], help: 'Rotate, or end rotation', hint: 'rotate'},
	revoke: {keys: ['x'], help: 'Revoke it, or the marked', hint: 'revoke'},
	explain: {keys: ['v'], help: 'Explain: would it pass?', hint: 'explain'},
	trail: {keys: ['a'], help: 'Its audit trail', hint: 'trail'},
	usage: {keys: ['U'], help: 'Use over time', hint: 'usage'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
