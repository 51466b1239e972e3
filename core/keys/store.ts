import type {Knex} from 'knex';
import type {Pool} from 'pg';
import {toTimestamp} from '../../contract/text.ts';
import {userIdOf, type By} from '../audit/actor.ts';
import {record} from '../audit/record.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import type {EventData} from '../../contract/events.ts';
import type {Plan} from '../../contract/organisations.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {KeyFacts} from './policy.ts';
import type {KeyHash, KeyHashText} from './token.ts';

export type ListedKey = Pick<
	ApiKeyRow,
	'id' | 'name' | 'hint' | 'created_at' | 'expires_at' | 'last_used_at' | 'revoked_at'
>;

const listed = [
	'id',
	'name',
	'hint',
	'created_at',
	'expires_at',
	'last_used_at',
	'revoked_at',
] as const;

const dayMs = 86_400_000;

/** A key is found only by its id within an organisation: there is no unscoped find to forget. */
export async function insertKey(
	db: Knex,
	by: By,
	organisationId: string,
	key: {name: string; hash: KeyHash; hint: string; expiresAt: Date | null},
): Promise<ListedKey> {
	return db.transaction(async (transaction) => {
		const [row] = await transaction('api_keys')
			.insert({
				organisation_id: organisationId,
				name: key.name,
				hash: key.hash,
				hint: key.hint,
				created_by: userIdOf(by),
				expires_at: key.expiresAt,
			})
			.returning(listed);
		if (row === undefined) throw new Error('insert of an API key returned no row');
		await record(transaction, by, {
			action: 'key.created',
			organisationId,
			target: {type: 'api_key', id: row.id, name: row.name},
			details: {hint: row.hint, expires_at: row.expires_at && toTimestamp(row.expires_at)},
			event: {key: presentForEvent(row)},
		});
		return row;
	});
}

function presentForEvent(row: ListedKey): EventData['key.created']['key'] {
	const instant = (value: Date | null) => value && toTimestamp(value);
	return {
		id: row.id,
		name: row.name,
		hint: row.hint,
		created_at: toTimestamp(row.created_at),
		expires_at: instant(row.expires_at),
		last_used_at: instant(row.last_used_at),
		revoked_at: instant(row.revoked_at),
	};
}

/** What keys with so many days left have not been told of; each has an index. */
const unwarned = {
	7: 'expiry_warned_days is null',
	1: '(expiry_warned_days is null or expiry_warned_days > 1)',
} as const;

/**
 * Tells of keys that expire within so many days, each once; a few at a time. Who made a key for a
 * shorter life than that knows.
 *
 * @returns how many were looked at
 */
export async function warnOfExpiries(
	db: Knex,
	by: By,
	days: keyof typeof unwarned,
	most: number,
): Promise<number> {
	return db.transaction(async (transaction) => {
		const rows = await transaction('api_keys')
			.whereIn(
				'id',
				transaction('api_keys')
					.whereRaw("expires_at > now() and expires_at <= now() + ? * interval '1 day'", [days])
					.whereRaw(unwarned[days])
					.whereNull('revoked_at')
					.orderBy('expires_at')
					.limit(most)
					.forUpdate()
					.skipLocked()
					.select('id'),
			)
			.update({expiry_warned_days: days})
			.returning([...listed, 'organisation_id']);
		for (const row of inOrderOfChains(rows)) {
			const lifeMs = (row.expires_at?.getTime() ?? 0) - row.created_at.getTime();
			if (lifeMs > days * dayMs) await recordExpiry(transaction, by, 'key.expiring', row);
		}
		return rows.length;
	});
}

/**
 * Tells of keys that have expired since it was last asked, each once, however late; a few at a time.
 *
 * @returns how many
 */
export async function announceExpiries(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const rows = await transaction('api_keys')
			.whereIn(
				'id',
				transaction('api_keys')
					.whereRaw('expires_at <= now()')
					.whereNull('expiry_announced_at')
					.whereNull('revoked_at')
					.orderBy('expires_at')
					.limit(most)
					.forUpdate()
					.skipLocked()
					.select('id'),
			)
			.update({expiry_announced_at: transaction.raw('now()')})
			.returning([...listed, 'organisation_id']);
		for (const row of inOrderOfChains(rows)) {
			await recordExpiry(transaction, by, 'key.expired', row);
		}
		return rows.length;
	});
}

type ExpiringKey = ListedKey & Pick<ApiKeyRow, 'organisation_id'>;

/** In one order, as every transaction takes the locks of several chains. */
function inOrderOfChains(rows: readonly ExpiringKey[]): ExpiringKey[] {
	return rows.toSorted((a, b) => (a.organisation_id < b.organisation_id ? -1 : 1));
}

async function recordExpiry(
	transaction: Knex.Transaction,
	by: By,
	action: 'key.expiring' | 'key.expired',
	row: ExpiringKey,
): Promise<void> {
	await record(transaction, by, {
		action,
		organisationId: row.organisation_id,
		target: {type: 'api_key', id: row.id, name: row.name},
		details: {hint: row.hint, expires_at: row.expires_at && toTimestamp(row.expires_at)},
		event: {key: presentForEvent(row)},
	});
}

/** Newest first, revoked ones included. */
export async function listKeys(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<ListedKey[]> {
	const query = db('api_keys')
		.select(...listed)
		.where({organisation_id: organisationId});
	sliceNewestFirst(query, slice);
	return await query;
}

export type DetailedKey = ListedKey & {
	created_by: string | null;
	last_used_ip: string | null;
	revoked_by: string | null;
};

/** @returns the key, with the email of who made and who revoked it; undefined where there is none */
export async function findKey(
	db: Knex,
	organisationId: string,
	keyId: string,
): Promise<DetailedKey | undefined> {
	return await db('api_keys as k')
		.leftJoin('users as creator', 'creator.id', 'k.created_by')
		.leftJoin('users as revoker', 'revoker.id', 'k.revoked_by')
		.where({'k.organisation_id': organisationId, 'k.id': keyId})
		.first<DetailedKey | undefined>(
			...listed.map((column) => `k.${column}`),
			'creator.email as created_by',
			db.raw('host(k.last_used_ip) as last_used_ip'),
			'revoker.email as revoked_by',
		);
}

/** @returns whether there was a live key of that id in the organisation; it is revoked now */
export async function revokeKey(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	keyId: string,
): Promise<boolean> {
	const [row] = await transaction('api_keys')
		.where({id: keyId, organisation_id: organisationId})
		.whereNull('revoked_at')
		.update({revoked_at: transaction.raw('now()'), revoked_by: userIdOf(by)})
		.returning(listed);
	if (row === undefined) return false;
	await record(transaction, by, {
		action: 'key.revoked',
		organisationId,
		target: {type: 'api_key', id: keyId, name: row.name},
		details: {hint: row.hint},
		event: {key: presentForEvent(row)},
	});
	return true;
}

/** @returns whether there is a key of that id that was revoked in the last seconds */
export async function wasRecentlyRevoked(
	db: Knex,
	organisationId: string,
	keyId: string,
	seconds: number,
): Promise<boolean> {
	const row = await db('api_keys')
		.where({id: keyId, organisation_id: organisationId})
		.whereRaw("revoked_at > now() - ? * interval '1 second'", [seconds])
		.select('id')
		.first();
	return row !== undefined;
}

type FactsRow = {
	id: string;
	name: string;
	hash: Buffer;
	organisation_id: string;
	plan: Plan;
	created_at: Date;
	expires_at: Date | null;
	revoked_at: Date | null;
};

/**
 * The one statement behind a verification: key, organisation and plan in one round trip, on one
 * unique index, for all the keys that are asked for in one turn of the event loop. It stays
 * prepared on its connections (half the cost of planning it each time).
 */
const factsByHash = `select k.id, k.name, k.hash, k.organisation_id, o.plan, k.created_at, k.expires_at, k.revoked_at
		from api_keys k join organisations o on o.id = k.organisation_id
		where k.hash = any($1::bytea[])`;

/**
 * @param hashes of keys, as binary strings
 * @param options.isPrepared not through a pooler, where the next statement may run in another session
 * @returns the facts of those that exist, by hash
 */
export async function findFactsByHash(
	pool: Pool,
	hashes: readonly KeyHashText[],
	options: {isPrepared: boolean},
): Promise<Map<KeyHashText, KeyFacts>> {
	const values = [hashes.map((hash) => Buffer.from(hash, 'latin1'))];
	const name = options.isPrepared ? {name: 'key_facts_by_hash'} : {};
	const answer = await pool.query<FactsRow>({...name, text: factsByHash, values});
	return new Map(
		answer.rows.map((row) => [
			row.hash.toString('latin1') as KeyHashText,
			{
				keyId: row.id,
				name: row.name,
				organisationId: row.organisation_id,
				plan: row.plan,
				createdAt: toTimestamp(row.created_at),
				expiresAt: row.expires_at,
				revokedAt: row.revoked_at,
			},
		]),
	);
}
