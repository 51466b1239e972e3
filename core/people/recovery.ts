import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {lockOut} from './lock-out.ts';
import {lockPeople} from './lock.ts';
import {insertPasswordReset, type IssuedCode} from './passwords/password-reset.ts';
import {markEnded} from './sessions.ts';
import {findUserByEmail} from './store.ts';

/** Lifts the delay after failed logins. @returns undefined: no such user */
export async function unlockUser(
	db: Knex,
	by: By,
	email: string,
): Promise<{email: string} | undefined> {
	return db.transaction(async (transaction) => {
		const user = await findUserByEmail(transaction, email);
		if (user === undefined) return undefined;
		await transaction('users')
			.where({id: user.id})
			.update({failed_logins: 0, login_blocked_until: null});
		await record(transaction, by, {
			action: 'user.unlocked',
			target: {type: 'user', id: user.id, name: user.email},
			details: {failed_logins: user.failed_logins},
		});
		return {email: user.email};
	});
}

/**
 * Lets a lost administrator in again: enables and unlocks the account, ends its sessions, makes it
 * an operator where asked to, and issues a code to set a password, good for half an hour. The
 * password there was still counts until then, unless only an inviter vouches for whose it is.
 *
 * @returns undefined: no such user
 */
export async function recoverUser(
	db: Knex,
	by: By,
	email: string,
	{makeOperator}: {makeOperator: boolean},
): Promise<(IssuedCode & {email: string; isOperator: boolean}) | undefined> {
	return db.transaction(async (transaction) => {
		const user = await findUserByEmail(transaction, email);
		if (user === undefined) return undefined;
		await lockPeople(transaction, by, [user.id]);
		const isOperator = makeOperator || user.is_operator;
		await transaction('users').where({id: user.id}).update({
			disabled_at: null,
			failed_logins: 0,
			login_blocked_until: null,
			is_operator: isOperator,
		});
		// What an inviter may know lets nobody in meanwhile.
		const lost =
			user.confirmed_at === null
				? await lockOut(transaction, user.id, 'user recovered')
				: {sessions: await markEnded(transaction, {user_id: user.id}, 'user recovered')};
		const issued = await insertPasswordReset(transaction, user.id, '30 minutes');
		await record(transaction, by, {
			action: 'user.recovered',
			target: {type: 'user', id: user.id, name: user.email},
			details: {
				...lost,
				was_disabled: user.disabled_at !== null,
				made_operator: makeOperator && !user.is_operator,
			},
		});
		return {...issued, email: user.email, isOperator};
	});
}
