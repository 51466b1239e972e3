import type {Context} from '../../../keyboard/keymap.ts';

export const keyUsageBindings = {
	explain: {keys: ['enter', 'v'], help: 'Explain: would it pass?', hint: 'explain'},
	copy: {keys: ['y'], help: 'Copy the address', hint: 'copy address'},
} as const satisfies Context;
