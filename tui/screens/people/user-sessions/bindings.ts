import type {Context} from '../../../keyboard/keymap.ts';

export const userSessionsBindings = {
	endSession: {keys: ['x'], help: 'End it, or the marked', hint: 'end'},
	endSessions: {keys: ['X'], help: 'End all of them', hint: 'end all'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
