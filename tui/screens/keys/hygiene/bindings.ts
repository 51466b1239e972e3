import type {Context} from '../../../keyboard/keymap.ts';

export const keyHygieneBindings = {
	open: {keys: ['enter', 'l', 'right'], help: 'The keys it applies to', hint: 'its keys'},
} as const satisfies Context;
