import type {Context} from '../../../keyboard/keymap.ts';

export const sourcesBindings = {
	createSource: {keys: ['n'], help: 'Create a source', hint: 'new'},
	edit: {keys: ['e'], help: 'Change name or type', hint: 'edit'},
	remove: {keys: ['x'], help: 'Delete it, or the marked', hint: 'delete'},
	trail: {keys: ['a'], help: 'Its audit trail'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
