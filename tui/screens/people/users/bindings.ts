import type {Context} from '../../../keyboard/keymap.ts';

export const usersBindings = {
	showSessions: {
		keys: ['enter', 'l', 'right'],
		help: 'Where they are logged in',
		hint: 'sessions',
	},
	createUser: {keys: ['n'], help: 'Create a user', hint: 'new'},
	operator: {keys: ['o'], help: 'Give or take operator', hint: 'operator'},
	disable: {keys: ['d'], help: 'Disable, or enable', hint: 'disable'},
	passwordCode: {keys: ['r'], help: 'One-time password code', hint: 'code'},
	showKeysMade: {keys: ['K'], help: 'Live keys they made'},
	trail: {keys: ['a'], help: 'What they did here'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
