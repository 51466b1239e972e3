import type {Context} from '../../../keyboard/keymap.ts';

export const keysLeftBindings = {
	suspend: {keys: ['d'], help: 'Suspend it, or marked', hint: 'suspend'},
	suspendAll: {keys: ['D'], help: 'Suspend all of them', hint: 'suspend all'},
	revoke: {keys: ['x'], help: 'Revoke it, or the marked', hint: 'revoke'},
	revokeAll: {keys: ['X'], help: 'Revoke all of them', hint: 'revoke all'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
