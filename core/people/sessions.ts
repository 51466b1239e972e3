import type {Knex} from 'knex';
import type {SessionEnd} from '../../contract/sessions.ts';
import type {Actor, By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {SessionRow} from '../db/tables.ts';
import type {ClaimedRights} from '../issuers/rights.ts';
import {userCaller, type UserCaller} from './caller.ts';
import {lockPeople} from './lock.ts';
import {hashOpaqueToken} from './tokens/opaque-token.ts';
import {newRefreshToken, successorOf} from './tokens/refresh-token.ts';

/** A session ends after a week, unless its login says otherwise, or when its refresh token is not exchanged for twelve hours. */
const absoluteLifetime = '7 days';
const idleLifetime = '12 hours';
/** A token may be exchanged again this long after its first exchange: parallel tabs, quick repeats. */
const grace = '10 seconds';
/**
 * Where the successor was not used, its answer may be lost: a client notices by its own bound, of
 * which 60 s is the longest usual one, and then has the same grace.
 */
const graceOfLostAnswer = '70 seconds';

const longestUserAgent = 255;

/** What an identity provider says of a login, and how long that holds. */
export type OutsideLogin = {
	provider: string;
	rights: ClaimedRights | undefined;
	sessionSeconds: number;
};

/** @returns the id and the first refresh token of a new session */
export async function openSession(
	transaction: Knex.Transaction,
	by: By,
	session: {
		userId: string;
		email: string;
		organisationId: string | null;
		/** What the client calls itself. */
		userAgent: string | undefined;
		/** Of a login through an identity provider. */
		outside?: OutsideLogin;
	},
): Promise<{sessionId: string; refreshToken: string}> {
	const {userId, email, organisationId, userAgent, outside} = session;
	const lifetime = outside === undefined ? absoluteLifetime : `${outside.sessionSeconds} seconds`;
	const [row] = await transaction('sessions')
		.insert({
			user_id: userId,
			organisation_id: organisationId,
			expires_at: fromNow(transaction, lifetime),
			rights: outside?.rights ?? null,
			address: by.address ?? null,
			user_agent: userAgent?.slice(0, longestUserAgent) || null,
		})
		.returning('id');
	if (row === undefined) throw new Error('insert of a session returned no row');
	const refreshToken = newRefreshToken();
	await insertRefreshToken(transaction, row.id, refreshToken);
	const actor: Actor = {type: 'user', id: userId, name: email, sessionId: row.id};
	await record(
		transaction,
		{...by, actor},
		{
			action: 'session.opened',
			target: {type: 'session', id: row.id, name: email},
			details: {provider: outside?.provider},
		},
	);
	return {sessionId: row.id, refreshToken};
}

/** The session of an access token, if it is still open and its user not disabled. */
export async function findSession(db: Knex, sessionId: string): Promise<UserCaller | undefined> {
	const row = await db('sessions as s')
		.join('users as u', 'u.id', 's.user_id')
		.where('s.id', sessionId)
		.whereNull('s.ended_at')
		.whereNull('u.disabled_at')
		.whereRaw('s.expires_at > now()')
		.select('s.user_id', 's.organisation_id', 's.rights', 'u.email', 'u.is_operator')
		.first();
	if (row === undefined) return undefined;
	const user = {id: row.user_id, email: row.email, is_operator: row.is_operator};
	return userCaller(user, sessionId, row.organisation_id, row.rights ?? undefined);
}

export type ListedSession = Pick<
	SessionRow,
	'id' | 'created_at' | 'last_used_at' | 'expires_at' | 'address' | 'user_agent'
>;

/** Sessions of a user that can still be used, newest first. */
export async function listSessions(
	db: Knex,
	userId: string,
	slice: Slice,
): Promise<ListedSession[]> {
	const query = db('sessions')
		.where({user_id: userId})
		.whereNull('ended_at')
		.whereRaw('expires_at > now() and last_used_at > now() - ?::interval', [idleLifetime])
		.select('id', 'created_at', 'last_used_at', 'expires_at', 'address', 'user_agent');
	sliceNewestFirst(query, slice);
	return await query;
}

/** Why sessions are ended, as the audit trail has it, and as whoever had one is told. */
const endReasons = {
	logout: 'logged_out',
	'logout everywhere': 'logged_out_everywhere',
	'ended by an operator': 'ended_by_operator',
	'password changed': 'password_changed',
	'password reset': 'password_reset',
	'user disabled': 'user_disabled',
	'user recovered': 'user_recovered',
	'identity linked': 'identity_linked',
	'made an operator': 'made_operator',
	'member removed': 'member_removed',
	'refresh token reused': 'refresh_token_reused',
	'restored from a backup': 'restored_from_backup',
} as const satisfies Record<string, SessionEnd>;

export type EndReason = keyof typeof endReasons;

/** Ends one session of a user; its tokens stop working immediately. @returns whether it was open */
export async function endSession(
	db: Knex,
	by: By,
	session: {id: string; userId: string},
	reason: EndReason,
): Promise<boolean> {
	return db.transaction(async (transaction) => {
		const {id, userId} = session;
		await lockPeople(transaction, by, [userId]);
		if ((await markEnded(transaction, {id, user_id: userId}, reason)) === 0) return false;
		await record(transaction, by, {
			action: 'session.ended',
			target: {type: 'session', id},
			details: {reason, user_id: userId},
		});
		return true;
	});
}

/** Ends every session of a user. @returns how many */
export async function endSessions(
	db: Knex,
	by: By,
	user: {id: string; email: string},
	reason: EndReason,
): Promise<number> {
	return db.transaction(async (transaction) => {
		await lockPeople(transaction, by, [user.id]);
		const sessions = await markEnded(transaction, {user_id: user.id}, reason);
		if (sessions === 0) return 0;
		await record(transaction, by, {
			action: 'session.ended',
			target: {type: 'user', id: user.id, name: user.email},
			details: {reason, sessions},
		});
		return sessions;
	});
}

/**
 * Ends sessions as part of a change that has an entry of its own and has locked their user.
 *
 * @param except the session that goes on
 * @returns how many
 */
export async function markEnded(
	transaction: Knex.Transaction,
	which: {id?: string; user_id?: string; organisation_id?: string},
	reason: EndReason,
	except?: string,
): Promise<number> {
	const query = transaction('sessions').where(which).whereNull('ended_at');
	if (except !== undefined) query.whereNot({id: except});
	return await query.update({ended_at: transaction.raw('now()'), ended_reason: reason});
}

export type Exchange =
	| {kind: 'exchanged'; sessionId: string; userId: string; refreshToken: string}
	/** With why the session is over, where the token is one of ours. */
	| {kind: 'refused'; end?: SessionEnd | undefined}
	/** A token came back too late to be a repeat: the session was ended, it may be stolen. */
	| {kind: 'reused'; sessionId: string; userId: string};

/** Exchanges a refresh token for its successor, once; see `successorOf` for repeated requests. */
export async function exchangeRefreshToken(
	db: Knex,
	by: By,
	token: string,
	key: Buffer,
): Promise<Exchange> {
	const successor = successorOf(token, key);
	const exchange = await db.transaction(async (transaction): Promise<Exchange> => {
		const row = await transaction('refresh_tokens as t')
			.join('sessions as s', 's.id', 't.session_id')
			.join('users as u', 'u.id', 's.user_id')
			.where('t.hash', hashOpaqueToken(token))
			.forUpdate('t', 's')
			.select('t.session_id', 't.used_at', 's.user_id', 's.ended_at', 's.ended_reason')
			.select('u.disabled_at')
			.select(transaction.raw('s.expires_at <= now() as is_over'))
			.select(transaction.raw('t.expires_at <= now() as is_idle'))
			.select(
				transaction.raw(
					`t.used_at < now() - case
						when exists (select from refresh_tokens as next where next.hash = ? and next.used_at is null)
						then ?::interval else ?::interval end as is_reuse`,
					[hashOpaqueToken(successor), graceOfLostAnswer, grace],
				),
			)
			.first<
				Standing & {
					session_id: string;
					used_at: Date | null;
					user_id: string;
					is_idle: boolean;
					is_reuse: boolean | null;
				}
			>();
		if (row === undefined) return {kind: 'refused'};
		if (isOver(row)) return {kind: 'refused', end: endOf(row)};
		if (row.is_reuse) return {kind: 'reused', sessionId: row.session_id, userId: row.user_id};
		if (row.used_at === null && row.is_idle) return {kind: 'refused', end: 'idle'};
		if (row.used_at === null) {
			await transaction('refresh_tokens')
				.where({hash: hashOpaqueToken(token)})
				.update({used_at: transaction.raw('now()')});
			await transaction('sessions')
				.where({id: row.session_id})
				.update({last_used_at: transaction.raw('now()')});
			await insertRefreshToken(transaction, row.session_id, successor);
		}
		const {session_id: sessionId, user_id: userId} = row;
		return {kind: 'exchanged', sessionId, userId, refreshToken: successor};
	});
	if (exchange.kind === 'reused') await endReused(db, by, exchange);
	return exchange;
}

/** Whether a session goes on, of its row and its user's. */
type Standing = Pick<SessionRow, 'ended_at' | 'ended_reason'> & {
	disabled_at: Date | null;
	is_over: boolean;
};

function isOver({ended_at, disabled_at, is_over}: Standing): boolean {
	return ended_at !== null || disabled_at !== null || is_over;
}

/** Why it does not; undefined: by a reason that is not told. */
function endOf({ended_at, ended_reason, disabled_at}: Standing): SessionEnd | undefined {
	const told: Partial<Record<string, SessionEnd>> = endReasons;
	if (ended_at !== null) return told[ended_reason ?? ''];
	return disabled_at === null ? 'expired' : 'user_disabled';
}

/** In a transaction of its own: a person is locked before their sessions. */
async function endReused(
	db: Knex,
	by: By,
	{sessionId, userId}: {sessionId: string; userId: string},
): Promise<void> {
	await db.transaction(async (transaction) => {
		await lockPeople(transaction, by, [userId]);
		const ended = await markEnded(transaction, {id: sessionId}, 'refresh token reused');
		if (ended === 0) return;
		await record(transaction, by, {
			action: 'session.reuse',
			outcome: 'refused',
			target: {type: 'session', id: sessionId},
			details: {user_id: userId},
		});
	});
}

/** Deletes sessions that ended or ran out more than 30 days ago. @returns how many */
export async function pruneSessions(db: Knex): Promise<number> {
	return await db('sessions')
		.whereRaw("least(expires_at, coalesce(ended_at, expires_at)) < now() - interval '30 days'")
		.delete();
}

async function insertRefreshToken(db: Knex, sessionId: string, token: string): Promise<void> {
	await db('refresh_tokens').insert({
		hash: hashOpaqueToken(token),
		session_id: sessionId,
		expires_at: fromNow(db, idleLifetime),
	});
}

/** A time by the clock of PostgreSQL. */
function fromNow(db: Knex, interval: string): Date {
	return db.raw('now() + ?::interval', [interval]) as unknown as Date;
}
