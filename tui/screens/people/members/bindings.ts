import type {Context} from '../../../keyboard/keymap.ts';

export const membersBindings = {
	invite: {keys: ['n'], help: 'Invite somebody', hint: 'invite'},
	role: {keys: ['e'], help: 'Change the role', hint: 'role'},
	remove: {keys: ['x'], help: 'Remove, or leave', hint: 'remove'},
	showInvitations: {keys: ['i'], help: 'Open invitations', hint: 'invites'},
	showServiceAccounts: {keys: ['m'], help: 'Service accounts', hint: 'accounts'},
	trail: {keys: ['a'], help: 'What they did', hint: 'trail'},
	showKeysMade: {keys: ['K'], help: 'Live keys they made'},
	showUsers: {keys: ['U'], help: 'All users', hint: 'users'},
	showSessions: {keys: ['M'], help: 'My sessions'},
	copy: {keys: ['y'], help: 'Copy the id'},
} as const satisfies Context;
