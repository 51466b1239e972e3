import type {Context} from '../../../keyboard/keymap.ts';

export const settingsBindings = {
	theme: {keys: ['t'], help: 'Next theme', hint: 'theme'},
	changePassword: {keys: ['c'], help: 'Change the password', hint: 'password'},
	showSessions: {keys: ['S'], help: 'My sessions', hint: 'sessions'},
} as const satisfies Context;
