import type {Context} from '../../../keyboard/keymap.ts';

export const invitationsBindings = {
	invite: {keys: ['n'], help: 'Invite somebody', hint: 'invite'},
	withdraw: {keys: ['x'], help: 'Withdraw it, or marked', hint: 'withdraw'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
