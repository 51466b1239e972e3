import type {Knex} from 'knex';
import type {EventData} from '../../contract/events.ts';
import type {Quota} from '../../contract/rate-limits.ts';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import {transactionTime} from '../db/transaction-time.ts';
import {inOrderOfChains} from '../keys/expiry.ts';
import {graceIsNotOver} from '../keys/grace.ts';
import {lineageOf, listed, presentForEvent, type ListedKey} from '../keys/present.ts';
import {roleNamesOf} from '../keys/roles/members.ts';
import {periodAt} from './periods.ts';
import {reachedOf} from './quota-store.ts';
import {resetsAt} from './quota-used.ts';

/*
Telling of quotas of which half, 80 percent or all is used: a pass of the worker. What a server says that
a quota has come to only says where to look: it may not have known of a change a moment ago.
*/

type Counted = {
	organisation_id: string;
	subject: string;
	start: number;
	end: number | null;
	/** What was counted, with what was changed by hand. */
	used: number;
	told: number;
	/** Of the first key of the chain whose quota it is; null: it is shared. */
	lineage_id: string | null;
	/** Of what is shared; null: that is gone, or the quota is a key's. */
	shared_id: string | null;
	shared_quota: Quota | null;
	owner: {type: string; id: string} | null;
};

const ofKey = "case when q.subject like 'k:%' then substr(q.subject, 3)::uuid end";

const untold = `select q.organisation_id, q.subject, q.told,
		floor(extract(epoch from q.period_start) * 1000)::float8 as start,
		floor(extract(epoch from q.period_end) * 1000)::float8 as "end",
		greatest(q.counted + coalesce((
			select a.amount from quota_adjustments a
			where a.lineage_id = ${ofKey} and a.period_start = q.period_start
		), 0), 0)::float8 as used,
		${ofKey} as lineage_id, s.id as shared_id, s.quota as shared_quota,
		case when s.owner_type is not null then json_build_object('type', s.owner_type, 'id', s.owner_id) end as owner
	from quota_usage q left join shared_limits s on s.organisation_id = q.organisation_id
		and q.subject = case when s.owner_type is null then 'o:' else 'w:' || s.owner_type || '/' || s.owner_id end
	where q.reached > q.told
	order by q.updated_at limit ? for update of q skip locked`;

type ToldKey = ListedKey & Pick<ApiKeyRow, 'organisation_id'>;

/**
 * Tells of quotas that have come to a percent that was not told yet, each percent once a period, of several
 * at once the highest; a few at a time. Where no key is left that could use a quota, nobody need be told.
 *
 * @returns how many were looked at
 */
export async function announceQuotaThresholds(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const {rows} = await transaction.raw<{rows: Counted[]}>(untold, [most]);
		if (rows.length === 0) return 0;
		const keys = await newestKeys(transaction, rows);
		const now = await transactionTime(transaction);
		for (const row of inOrderOfChains(rows)) {
			const key = keys.get(row.lineage_id ?? '');
			const quota = row.lineage_id === null ? row.shared_quota : key?.terms.quota;
			const percent = quota && isOf(quota, row) ? reachedOf(row.used, quota.limit) : 0;
			await markTold(transaction, row, percent);
			if (!quota || percent === 0 || percent <= row.told) continue;
			const period = {start: row.start, end: row.end ?? undefined};
			const state = {used: row.used, limit: quota.limit, resets_at: resetsAt(period)};
			const told = {percent, ...state};
			if (key !== undefined) await tellOfKey(transaction, by, key, {told, now});
			else await tellOfShared(transaction, by, row, told);
		}
		return rows.length;
	});
}

type Threshold = Omit<EventData['shared_limit.quota_threshold'], 'owner'>;

async function tellOfKey(
	transaction: Knex.Transaction,
	by: By,
	key: ToldKey,
	{told, now}: {told: Threshold; now: Date},
): Promise<void> {
	await record(transaction, by, {
		action: 'key.quota_threshold',
		organisationId: key.organisation_id,
		target: {type: 'api_key', id: key.id, name: key.name},
		details: {hint: key.hint, ...told},
		event: {key: presentForEvent(key, now), ...told},
	});
}

async function tellOfShared(
	transaction: Knex.Transaction,
	by: By,
	{organisation_id: organisationId, shared_id: id, owner}: Counted,
	told: Threshold,
): Promise<void> {
	await record(transaction, by, {
		action: 'shared_limit.quota_threshold',
		organisationId,
		target: {
			type: 'shared_limits',
			id: id ?? undefined,
			name: owner === null ? 'organization' : `${owner.type}/${owner.id}`,
		},
		details: told,
		event: {owner, ...told},
	});
}

/** Whether it was counted by the calendar of the quota: that may have been another one. */
function isOf(quota: Quota, {start, end}: Counted): boolean {
	const period = periodAt(quota, start);
	return period.start === start && (period.end ?? null) === end;
}

/** Of each chain the newest key that is not dead for good, by the id of the first. */
async function newestKeys(
	transaction: Knex.Transaction,
	rows: readonly Counted[],
): Promise<Map<string, ToldKey>> {
	const lineages = rows.map(({lineage_id: id}) => id).filter((id) => id !== null);
	const keys = await transaction('api_keys')
		.where((chain) => chain.whereIn('id', lineages).orWhereIn('lineage_id', lineages))
		.whereNull('revoked_at')
		.whereRaw(graceIsNotOver)
		.orderBy(['created_at', 'id'])
		.select<ToldKey[]>([...listed, 'organisation_id', roleNamesOf(transaction, 'api_keys')]);
	return new Map(keys.map((key) => [lineageOf(key), key]));
}

async function markTold(
	transaction: Knex.Transaction,
	{organisation_id: organisationId, subject, start}: Counted,
	percent: number,
): Promise<void> {
	await transaction.raw(
		`update quota_usage set reached = :percent, told = greatest(told, :percent)
		where organisation_id = :organisationId and subject = :subject
			and period_start = to_timestamp(:start::bigint / 1000.0)`,
		{organisationId, subject, start, percent},
	);
}
