import type {Knex} from 'knex';
import {codePrefixes} from '../../../contract/people.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {lockPeople} from '../lock.ts';
import {hashOpaqueToken, newOpaqueToken} from '../tokens/opaque-token.ts';
import {setPassword} from './password-change.ts';
import {passwordFault} from './password-policy.ts';
import {hashPassword} from './password.ts';
import {markEnded} from '../sessions.ts';
import {organisationNamesOf} from '../store.ts';

export type IssuedCode = {code: string; expiresAt: Date};

/** Issues a one-time code to set a password, good for a day. @returns undefined: no such user */
export async function issuePasswordReset(
	db: Knex,
	by: By,
	userId: string,
): Promise<IssuedCode | undefined> {
	return db.transaction(async (transaction) => {
		// Before its code: a new password takes them in this order.
		await lockPeople(transaction, by, [userId]);
		const user = await transaction('users').where({id: userId}).first('id', 'email');
		if (user === undefined) return undefined;
		const issued = await insertPasswordReset(transaction, userId, '1 day');
		await record(transaction, by, {
			action: 'password.reset_issued',
			target: {type: 'user', id: userId, name: user.email},
			details: {expires_at: issued.expiresAt.toISOString()},
		});
		return issued;
	});
}

/** A new code as part of a change that has an entry of its own; an earlier one ends. */
export async function insertPasswordReset(
	transaction: Knex.Transaction,
	userId: string,
	lifetime: '1 day' | '30 minutes',
): Promise<IssuedCode> {
	const code = newOpaqueToken(codePrefixes.password);
	const expiry = transaction.raw('now() + ?::interval', [lifetime]) as unknown as Date;
	const [row] = await transaction('password_resets')
		.insert({user_id: userId, hash: hashOpaqueToken(code), expires_at: expiry})
		.onConflict('user_id')
		.merge(['hash', 'expires_at'])
		.returning('expires_at');
	if (row === undefined) throw new Error('insert of a password reset returned no row');
	return {code, expiresAt: row.expires_at};
}

export type PasswordReset =
	| {kind: 'done'}
	/** Wrong, used already, run out, or of a user who is disabled. */
	| {kind: 'bad code'}
	| {kind: 'bad password'; fault: string};

/** Sets a password with a one-time code; every session of the user ends, and so does any delay. */
export async function resetPassword(
	db: Knex,
	by: By,
	{code, password}: {code: string; password: string},
): Promise<PasswordReset> {
	const hash = hashOpaqueToken(code);
	const user = await findByCode(db, hash);
	if (user === undefined) return {kind: 'bad code'};
	const organisations = await organisationNamesOf(db, user.id);
	const fault = await passwordFault(password, {email: user.email, organisations});
	if (fault !== undefined) return {kind: 'bad password', fault};
	const passwordHash = await hashPassword(password);
	return db.transaction(async (transaction) => {
		// In this order everywhere: whoever waits for the user holds no code.
		await lockPeople(transaction, by, [user.id]);
		const used = await transaction('password_resets')
			.where({hash})
			.whereRaw('expires_at > now()')
			.delete();
		if (used === 0) return {kind: 'bad code'};
		await setPassword(transaction, user.id, passwordHash);
		// Only an operator gives such codes.
		await transaction('users')
			.where({id: user.id})
			.whereNull('confirmed_at')
			.update({confirmed_at: transaction.raw('now()')});
		const sessions = await markEnded(transaction, {user_id: user.id}, 'password reset');
		await record(
			transaction,
			{...by, actor: {type: 'user', id: user.id, name: user.email}},
			{
				action: 'password.reset',
				target: {type: 'user', id: user.id, name: user.email},
				details: {sessions},
			},
		);
		return {kind: 'done'};
	});
}

async function findByCode(
	db: Knex,
	hash: Buffer,
): Promise<{id: string; email: string} | undefined> {
	return await db('password_resets as r')
		.join('users as u', 'u.id', 'r.user_id')
		.where('r.hash', hash)
		.whereRaw('r.expires_at > now()')
		.whereNull('u.disabled_at')
		.first('u.id', 'u.email');
}
