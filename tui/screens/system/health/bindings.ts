import type {Context} from '../../../keyboard/keymap.ts';

export const healthBindings = {
	copy: {keys: ['y'], help: 'Copy all of it, as JSON', hint: 'copy'},
} as const satisfies Context;
