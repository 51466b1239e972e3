import type {Context} from '../../../keyboard/keymap.ts';

export const auditEntryBindings = {
	target: {keys: ['o'], help: 'What it is about', hint: 'its target'},
	actor: {keys: ['O'], help: 'Who did it'},
	explain: {keys: ['v'], help: 'Explain its API key', hint: 'explain'},
	next: {keys: [']'], help: 'Next entry', hint: 'next'},
	previous: {keys: ['['], help: 'Previous entry', hint: 'previous'},
	copy: {keys: ['y'], help: 'Copy the request id', hint: 'copy id'},
} as const satisfies Context;
