import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {UserCaller} from '../caller.ts';
import {tryPassword, type PasswordRefusal} from './password-attempt.ts';
import {passwordFault} from './password-policy.ts';
import {hashPassword} from './password.ts';
import {markEnded} from '../sessions.ts';
import {organisationNamesOf} from '../store.ts';

export type PasswordChange =
	| {kind: 'done'}
	/** The current password: it counts like a failed login. */
	| {kind: 'refused'; reason: PasswordRefusal}
	| {kind: 'bad password'; fault: string};

/**
 * Changes the password of a caller who knows the current one. This session goes on, the others end.
 *
 * @throws {PasswordQueueFull} when too many passwords are being checked
 */
export async function changePassword(
	db: Knex,
	by: By,
	caller: UserCaller,
	passwords: {current: string; next: string},
): Promise<PasswordChange> {
	const {userId: id, email, sessionId} = caller;
	const except = sessionId ?? undefined;
	const organisations = await organisationNamesOf(db, id);
	const fault = await passwordFault(passwords.next, {email, organisations});
	if (fault !== undefined) return {kind: 'bad password', fault};
	const passwordHash = await hashPassword(passwords.next);
	const attempt = {email, password: passwords.current};
	const proceed = async (transaction: Knex.Transaction): Promise<PasswordChange> => {
		await setPassword(transaction, id, passwordHash);
		const sessions = await markEnded(transaction, {user_id: id}, 'password changed', except);
		await record(transaction, by, {
			action: 'password.changed',
			target: {type: 'user', id, name: email},
			details: {sessions},
		});
		return {kind: 'done'};
	};
	return tryPassword<PasswordChange>(db, by, attempt, proceed, {endsSessions: true});
}

/** Sets a password as part of a change that has an entry of its own; codes for another one end. */
export async function setPassword(
	transaction: Knex.Transaction,
	userId: string,
	passwordHash: string,
): Promise<void> {
	await transaction('users')
		.where({id: userId})
		.update({password_hash: passwordHash, failed_logins: 0, login_blocked_until: null});
	await transaction('password_resets').where({user_id: userId}).delete();
}
