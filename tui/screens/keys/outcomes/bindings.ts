import type {Context} from '../../../keyboard/keymap.ts';

export const outcomesBindings = {
	close: {keys: ['enter'], help: 'Close', hint: 'close'},
} as const satisfies Context;
