import type {Context} from '../../../keyboard/keymap.ts';

export const keyHygieneBindings = {
	open: {keys: ['enter', 'l', 'right'], help: 'The keys it is found of', hint: 'its keys'},
} as const satisfies Context;
