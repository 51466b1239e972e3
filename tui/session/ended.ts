import type {SessionEnd} from '../../contract/sessions.ts';
import {Failure} from '../failure.ts';

/** What goes on where a sentence has said that the session has ended. */
const whys: Readonly<Record<SessionEnd, string>> = {
	expired: 'it has expired',
	idle: 'it was not used for too long',
	logged_out: 'you logged out of it elsewhere',
	logged_out_everywhere: 'you logged out everywhere',
	ended_by_operator: 'an operator ended it',
	password_changed: 'your password was changed elsewhere',
	password_reset: 'your password was reset',
	user_disabled: 'your account is disabled',
	user_recovered: 'your account was recovered at the appliance',
	identity_linked: 'your account was linked to an identity provider',
	made_operator: 'you were made an operator',
	member_removed: 'you are no longer a member of its organisation',
	refresh_token_reused: 'its token came back after use, so somebody else may have it',
	restored_from_backup: 'the appliance was restored from a backup',
};

/** That a session is over, and why, as far as the server has told. */
export function sessionEnded(end: string | undefined): Failure {
	const isTold = end !== undefined && Object.hasOwn(whys, end);
	const message = isTold
		? `Your session has ended: ${whys[end as SessionEnd]}`
		: 'Not logged in, or the session has ended';
	return new Failure('signed_out', message, {
		hint: 'Run `latchkey login`.',
		...(isTold ? {sessionEnd: end} : {}),
	});
}
