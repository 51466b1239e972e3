import type {Context} from '../../../keyboard/keymap.ts';

export const auditEntryBindings = {
	explain: {keys: ['v'], help: 'Explain its API key', hint: 'explain'},
	next: {keys: [']'], help: 'Next entry', hint: 'next'},
	previous: {keys: ['['], help: 'Previous entry', hint: 'previous'},
	copy: {keys: ['y'], help: 'Copy the request id', hint: 'copy id'},
} as const satisfies Context;
