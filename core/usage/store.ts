import type {Knex} from 'knex';
import type {LastUse, UsageRow} from './batch.ts';

/** Rows of one statement: enough to be quick, few enough to stay below the statement timeout. */
const chunkSize = 1000;

/**
 * Writes absolute counts and last uses. Safe to run twice, at once, late or out of order: a count
 * only grows, a last use only moves forward, and never beyond now, whatever the clock of the process
 * that saw it said. Rows are sorted, so that two writers cannot deadlock.
 */
export async function writeUsage(
	db: Knex,
	usage: {rows: readonly UsageRow[]; lastUses: readonly LastUse[]},
): Promise<{rows: number; keys: number}> {
	let rows = 0;
	let keys = 0;
	for (const chunk of chunks(usage.rows, byKey)) rows += await upsertCounts(db, chunk);
	for (const chunk of chunks(usage.lastUses, byKey)) keys += await moveLastUsed(db, chunk);
	return {rows, keys};
}

async function upsertCounts(db: Knex, rows: readonly UsageRow[]): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`insert into usage_hourly as u (hour, key_id, process_id, outcome, count)
		select to_timestamp(hour / 1000.0), key_id, process_id, outcome, count
		from unnest(?::bigint[], ?::uuid[], ?::uuid[], ?::text[], ?::bigint[]) as t (hour, key_id, process_id, outcome, count)
		on conflict (hour, key_id, process_id, outcome) do update set count = excluded.count where u.count < excluded.count`,
		[
			rows.map((row) => row.hour),
			rows.map((row) => row.keyId),
			rows.map((row) => row.processId),
			rows.map((row) => row.outcome),
			rows.map((row) => row.count),
		],
	);
	return answer.rowCount;
}

async function moveLastUsed(db: Knex, uses: readonly LastUse[]): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`update api_keys k set last_used_at = t.at, last_used_ip = coalesce(t.ip, k.last_used_ip)
		from (
			select distinct on (key_id) key_id, least(to_timestamp(at / 1000.0), now()) as at, ip
			from unnest(?::uuid[], ?::bigint[], ?::inet[]) as t (key_id, at, ip)
			order by key_id, at desc
		) t
		where k.id = t.key_id and (k.last_used_at is null or k.last_used_at < t.at)`,
		[
			uses.map((use) => use.keyId),
			uses.map((use) => use.at),
			uses.map((use) => use.ip ?? null) as string[],
		],
	);
	return answer.rowCount;
}

/** Makes the partitions of this month and the next ones. @returns how many were made */
export async function ensureUsagePartitions(db: Knex, months: number): Promise<number> {
	const answer = await db.raw<{rows: {made: number}[]}>(
		"select ensure_monthly_partitions('usage_hourly', ?::integer) as made",
		[months],
	);
	return answer.rows[0]?.made ?? 0;
}

function byKey(a: {keyId: string}, b: {keyId: string}): number {
	return a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0;
}

function* chunks<T>(items: readonly T[], order: (a: T, b: T) => number): Generator<T[]> {
	const sorted = items.toSorted(order);
	for (let i = 0; i < sorted.length; i += chunkSize) yield sorted.slice(i, i + chunkSize);
}
