import type {Context} from '../../../keyboard/keymap.ts';

export const clientSecretsBindings = {
	createSecret: {keys: ['n'], help: 'Create a client secret', hint: 'new'},
	revokeSecret: {keys: ['x'], help: 'Revoke it, or the marked', hint: 'revoke'},
	copy: {keys: ['y'], help: 'Copy the client id', hint: 'copy client id'},
} as const satisfies Context;
