import type {Context} from '../../../keyboard/keymap.ts';

export const deviceBindings = {
	copy: {keys: ['y', 'c'], help: 'Copy the address', hint: 'copy address'},
} as const satisfies Context;

export const anewBindings = {
	again: {keys: ['enter'], help: 'Ask for a new code', hint: 'new code'},
} as const satisfies Context;
