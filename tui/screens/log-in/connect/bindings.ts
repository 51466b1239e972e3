import type {Context} from '../../../keyboard/keymap.ts';

export const connectBindings = {
	retry: {keys: ['r', 'R', 'enter'], help: 'Try again now', hint: 'try now'},
} as const satisfies Context;
