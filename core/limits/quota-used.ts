import type {Knex} from 'knex';
import type {Quota} from '../../contract/rate-limits.ts';
import {toTimestamp} from '../../contract/text.ts';
import {periodAt, type Period} from './periods.ts';
import type {QuotaCounter} from './quota-store.ts';

/** Of the quota of a key. */
export type KeyOfQuota = {
	organisationId: string;
	/** Of the first key of the chain that rotations made: all of them use the same quota. */
	lineageId: string;
};

/** What is used of a quota. */
export type QuotaUsed = {
	used: number;
	/** When it begins anew; null: never. */
	resetsAt: string | null;
};

/** What the uses of a key are counted under in a period. */
export function counterOfKey(
	{organisationId, lineageId}: KeyOfQuota,
	{start}: Period,
): QuotaCounter {
	return {organisationId, subject: `k:${lineageId}`, periodStart: start};
}

export function resetsAt({end}: Period): string | null {
	return end === undefined ? null : toTimestamp(new Date(end));
}

/**
 * What is used of the quota of a key as servers have told PostgreSQL, which is a second or so behind, with
 * what somebody changed of it.
 *
 * @param now in ms since the epoch, by the clock of PostgreSQL
 */
export async function readQuotaUsed(
	db: Knex,
	key: KeyOfQuota,
	quota: Quota,
	now: number,
): Promise<QuotaUsed> {
	const period = periodAt(quota, now);
	const {organisationId, subject, periodStart} = counterOfKey(key, period);
	const {rows} = await db.raw<{rows: [{used: number}]}>(
		`select greatest(coalesce((
				select counted from quota_usage
				where organisation_id = :organisationId and subject = :subject and period_start = start
			), 0) + coalesce((
				select amount from quota_adjustments where lineage_id = :lineageId and period_start = start
			), 0), 0)::float8 as used
		from to_timestamp(:periodStart::bigint / 1000.0) as start`,
		{organisationId, subject, periodStart, lineageId: key.lineageId},
	);
	return {used: rows[0].used, resetsAt: resetsAt(period)};
}
