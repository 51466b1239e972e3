import type {Context} from '../../../keyboard/keymap.ts';

export const limitedKeysBindings = {
	open: {keys: ['enter', 'l', 'right'], help: 'All about the key', hint: 'open'},
	explain: {keys: ['v'], help: 'Explain: would it pass?', hint: 'explain'},
	showShared: {keys: ['m'], help: 'Limits that keys share', hint: 'shared limits'},
	trail: {keys: ['a'], help: 'Its audit trail'},
	copy: {keys: ['y'], help: 'Copy the id of the key', hint: 'copy id'},
} as const satisfies Context;
