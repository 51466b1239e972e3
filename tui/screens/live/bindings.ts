import type {Context} from '../../keyboard/keymap.ts';

export const liveBindings = {
	hold: {keys: [' '], help: 'Hold, or continue', hint: 'hold'},
	refused: {keys: ['r'], help: 'Refused ones, or all', hint: 'refused only'},
	open: {keys: ['enter', 'l'], help: 'All about the key', hint: 'the key'},
	explain: {keys: ['v'], help: 'Explain: would it pass?', hint: 'explain'},
	copy: {keys: ['y'], help: 'Copy it, as JSON'},
} as const satisfies Context;
