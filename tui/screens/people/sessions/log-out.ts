import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';

export function newLogOutQuestion(): ConfirmScreen {
	return newConfirmScreen(
		{
			name: 'logOut',
			title: 'log out',
			question: 'Log out?',
			facts: [['This session ends on the server; others of yours go on.', 'plain']],
			undo: 'Logging in again begins another.',
			verb: 'Log out',
			busyText: 'Logging out …',
			kept: 'you are still logged in',
		},
		{do: 'logOut'},
	);
}
