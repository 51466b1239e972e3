import type {Knex} from 'knex';
import {email as emailAddress} from '../../../contract/people.ts';
import type {By} from '../../actor.ts';
import {record, type AuditEvent} from '../../audit/trail/record.ts';
import type {UserRow} from '../../db/tables.ts';
import {lockPeople} from '../lock.ts';
import {hashPassword, isOutdated, verifyPassword} from './password.ts';
import {findUserByEmail} from '../store.ts';

export type PasswordRefusal = 'unknown' | 'password' | 'blocked' | 'disabled';

/** The id that nobody has: for an unknown user the same statements are done as for a known one. */
const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * The one way to try a password: at login, where one is changed, where an invitation is accepted.
 * A refusal costs the same work whatever its reason, counts against the account, and is on record.
 *
 * Whether it counts is decided under a lock on the user, after the password was checked: of many
 * attempts at once those beyond the fifth wrong one are refused, also if they are right.
 *
 * @param proceed what a right password is for, in the transaction of that decision
 * @param options.endsSessions what it is for takes rights away: see `lockPeople`
 * @throws {PasswordQueueFull} when too many passwords are being checked
 */
export async function tryPassword<T>(
	db: Knex,
	by: By,
	attempt: {email: string; password: string},
	proceed: (transaction: Knex.Transaction, user: UserRow) => Promise<T>,
	options: {endsSessions?: true} = {},
): Promise<T | {kind: 'refused'; reason: PasswordRefusal}> {
	const user = await findUserByEmail(db, attempt.email);
	const hash = user?.password_hash ?? undefined;
	const isRight = await verifyPassword(attempt.password, hash);
	const better =
		isRight && isOutdated(hash ?? '') ? await hashPassword(attempt.password) : undefined;
	// Logins of one user that have nothing to write there do not wait for each other.
	const isPlain =
		isRight && user?.failed_logins === 0 && user.disabled_at === null && better === undefined;
	return db.transaction(async (transaction) => {
		const id = user?.id ?? nobody;
		if (options.endsSessions) await lockPeople(transaction, by, [id]);
		const now = await lockUser(transaction, id, isPlain ? 'share' : 'update');
		const isStillRight = isRight && now?.password_hash === hash;
		const reason = whyRefused(now, isStillRight);
		if (user !== undefined && reason === undefined) {
			if (!isPlain) await welcome(transaction, user.id, better);
			return proceed(transaction, user);
		}
		await countFailure(transaction, reason === 'password' ? (user?.id ?? nobody) : nobody);
		const refusal = {email: attempt.email, userId: user?.id, reason: reason ?? 'unknown'};
		await record(transaction, by, loginFailed(refusal));
		return {kind: 'refused', reason: refusal.reason};
	});
}

type UserNow = {password_hash: string | null; is_disabled: boolean; is_blocked: boolean};

/** By the clock of PostgreSQL, as it is when the lock is held. */
async function lockUser(
	transaction: Knex.Transaction,
	id: string,
	lock: 'share' | 'update',
): Promise<UserNow | undefined> {
	const query = transaction('users').where({id});
	return await (lock === 'share' ? query.forShare() : query.forNoKeyUpdate())
		.select('password_hash')
		.select(transaction.raw('disabled_at is not null as is_disabled'))
		.select(
			transaction.raw('coalesce(login_blocked_until > clock_timestamp(), false) as is_blocked'),
		)
		.first<UserNow | undefined>();
}

function whyRefused(user: UserNow | undefined, isRight: boolean): PasswordRefusal | undefined {
	if (user === undefined) return 'unknown';
	if (user.is_blocked) return 'blocked';
	if (!isRight) return 'password';
	return user.is_disabled ? 'disabled' : undefined;
}

/** A password that was right clears the count, and is kept by today's cost from now on. */
async function welcome(
	transaction: Knex.Transaction,
	userId: string,
	passwordHash: string | undefined,
): Promise<void> {
	await transaction('users')
		.where({id: userId})
		.update({
			failed_logins: 0,
			login_blocked_until: null,
			...(passwordHash === undefined ? {} : {password_hash: passwordHash}),
		});
}

/**
 * Counts a wrong password and, from the fifth on, blocks the account for a time that doubles from
 * 1 s to 15 min. In PostgreSQL, so that restarting Redis does not forgive an attacker.
 */
async function countFailure(transaction: Knex.Transaction, userId: string): Promise<void> {
	await transaction.raw(
		`update users set
			failed_logins = failed_logins + 1,
			login_blocked_until = case when failed_logins + 1 >= 5
				then clock_timestamp() + least(power(2, least(failed_logins - 4, 20)), 900) * interval '1 second' end
		where id = ?`,
		[userId],
	);
}

/** What was typed where an email belongs is kept only if it is one: it may be a password. */
export function loginFailed(refusal: {
	email: string;
	userId: string | undefined;
	reason: PasswordRefusal | 'throttled';
}): AuditEvent {
	const {email, userId, reason} = refusal;
	const name = emailAddress.safeParse(email).success ? email : undefined;
	return {
		action: 'user.login_failed',
		outcome: 'refused',
		target: {type: 'user', id: userId, name},
		details: {reason},
	};
}
