import type {Knex} from 'knex';
import type {Quota} from '../../contract/rate-limits.ts';
import type {Period} from './periods.ts';
import {reachedOf} from './quota-store.ts';
import {counterOfKey, type KeyOfQuota} from './quota-used.ts';

/*
What somebody added to what was counted of the quota of a key, or took from it. It is read with the facts
of the keys, so that every server goes by it once it was told of a change (migrations/0039).
*/

/** Longer than any period that ends, in days: nobody goes by what was before. */
const longestPeriodDays = 35;

/** As it stays until the transaction ends, if the rows of the keys are held. */
export async function readAdjustment(
	transaction: Knex.Transaction,
	lineageId: string,
	{start}: Period,
): Promise<number> {
	const {rows} = await transaction.raw<{rows: {amount: number}[]}>(
		`select amount::float8 as amount from quota_adjustments
		where lineage_id = ? and period_start = to_timestamp(?::bigint / 1000.0)`,
		[lineageId, start],
	);
	return rows[0]?.amount ?? 0;
}

/** What becomes of a quota in a period. */
type Adjusted = {quota: Quota; period: Period; counted: number; amount: number};

/**
 * Writes what is to be added to a count from now on. What the quota comes to by it counts as told; what
 * it comes to once more after it was set back is told once more.
 */
export async function adjust(
	transaction: Knex.Transaction,
	key: KeyOfQuota,
	{quota, period, counted, amount}: Adjusted,
): Promise<void> {
	const {start, end} = period;
	const {organisationId, subject} = counterOfKey(key, period);
	const {lineageId} = key;
	await transaction.raw(
		`insert into quota_adjustments (lineage_id, period_start, amount)
		values (:lineageId, to_timestamp(:start::bigint / 1000.0), :amount)
		on conflict (lineage_id, period_start) do update set amount = excluded.amount`,
		{lineageId, start, amount},
	);
	await transaction.raw(
		`delete from quota_adjustments where lineage_id = :lineageId and period_start > 'epoch'
			and period_start < to_timestamp(:start::bigint / 1000.0) - :days * interval '1 day'`,
		{lineageId, start, days: longestPeriodDays},
	);
	const reached = reachedOf(counted + amount, quota.limit);
	await transaction.raw(
		`insert into quota_usage as q
			(organisation_id, subject, period_start, period_end, counted, quota_limit, reached, told)
		values (:organisationId, :subject, to_timestamp(:start::bigint / 1000.0), to_timestamp(:end::bigint / 1000.0),
			:counted, :limit, :reached, :reached)
		on conflict (organisation_id, subject, period_start) do update set
			counted = greatest(q.counted, excluded.counted),
			reached = excluded.reached, told = excluded.told, updated_at = now()`,
		{organisationId, subject, start, end: end ?? null, counted, limit: quota.limit, reached},
	);
}
