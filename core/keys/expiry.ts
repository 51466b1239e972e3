import type {Knex} from 'knex';
import {toTimestamp} from '../../contract/text.ts';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import {transactionTime} from '../db/transaction-time.ts';
import {roleNamesOf} from './roles/members.ts';
import {listed, presentForEvent, type ListedKey} from './present.ts';

/** Telling of keys that will expire, and of those that have: the worker's passes. */

const dayMs = 86_400_000;

/** What keys with so many days left have not been told of; each has an index. */
const unwarned = {
	7: 'expiry_warned_days is null',
	1: '(expiry_warned_days is null or expiry_warned_days > 1)',
} as const;

/**
 * Tells of keys that expire within so many days, each once; a few at a time. Whoever made a key for a
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
					// Its successor is there, and its own end is told as that of its grace.
					.whereNull('grace_until')
					.orderBy('expires_at')
					.limit(most)
					.forUpdate()
					.skipLocked()
					.select('id'),
			)
			.update({expiry_warned_days: days})
			.returning<ExpiringKey[]>([
				...listed,
				'organisation_id',
				roleNamesOf(transaction, 'api_keys'),
			]);
		const now = await transactionTime(transaction);
		for (const row of inOrderOfChains(rows)) {
			const lifeMs = (row.expires_at?.getTime() ?? 0) - row.created_at.getTime();
			if (lifeMs > days * dayMs) await recordExpiry(transaction, by, 'key.expiring', row, now);
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
					// Its successor is there, and its own end is told as that of its grace.
					.whereNull('grace_until')
					.orderBy('expires_at')
					.limit(most)
					.forUpdate()
					.skipLocked()
					.select('id'),
			)
			.update({expiry_announced_at: transaction.raw('now()')})
			.returning<ExpiringKey[]>([
				...listed,
				'organisation_id',
				roleNamesOf(transaction, 'api_keys'),
			]);
		const now = await transactionTime(transaction);
		for (const row of inOrderOfChains(rows)) {
			await recordExpiry(transaction, by, 'key.expired', row, now);
		}
		return rows.length;
	});
}

type ExpiringKey = ListedKey & Pick<ApiKeyRow, 'organisation_id'>;

/** In one order, as every transaction takes the locks of several chains. */
export function inOrderOfChains<Row extends Pick<ApiKeyRow, 'organisation_id'>>(
	rows: readonly Row[],
): Row[] {
	return rows.toSorted((a, b) => (a.organisation_id < b.organisation_id ? -1 : 1));
}

async function recordExpiry(
	transaction: Knex.Transaction,
	by: By,
	action: 'key.expiring' | 'key.expired',
	row: ExpiringKey,
	now: Date,
): Promise<void> {
	await record(transaction, by, {
		action,
		organisationId: row.organisation_id,
		target: {type: 'api_key', id: row.id, name: row.name},
		details: {hint: row.hint, expires_at: row.expires_at && toTimestamp(row.expires_at)},
		event: {key: presentForEvent(row, now)},
	});
}
