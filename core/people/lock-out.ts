import type {Knex} from 'knex';
import {markEnded, type EndReason} from './sessions.ts';

/**
 * Takes away what an account could be entered by until now: password, code for a new one, sessions.
 * Part of a change that has an entry of its own, and that holds the user's row.
 *
 * @param options.keepsPassword all but the password
 * @returns what it was, for that entry
 */
export async function lockOut(
	transaction: Knex.Transaction,
	userId: string,
	reason: EndReason,
	options: {keepsPassword: boolean} = {keepsPassword: false},
): Promise<{password_removed: boolean; codes: number; sessions: number}> {
	const codes = await transaction('password_resets').where({user_id: userId}).delete();
	const sessions = await markEnded(transaction, {user_id: userId}, reason);
	if (options.keepsPassword) return {password_removed: false, codes, sessions};
	const removed = await transaction('users')
		.where({id: userId})
		.whereNotNull('password_hash')
		.update({password_hash: null, failed_logins: 0, login_blocked_until: null});
	return {password_removed: removed === 1, codes, sessions};
}
