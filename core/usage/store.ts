import type {Knex} from 'knex';
import {countedOutcomes, type CountedOutcome} from '../../contract/outcomes.ts';
import type {LastUse, UsageRow} from './batch.ts';

/** Rows of one statement: enough to be quick, few enough to stay below the statement timeout. */
const chunkSize = 1000;

/**
 * Writes absolute counts and last uses. Safe to run twice, at once, late or out of order: a count
 * only grows, a last use only moves forward, and never beyond now, whatever the clock of the process
 * that saw it said. Its time and its address belong together: a use from where nobody knows has none.
 * Rows are sorted, so that two writers cannot deadlock.
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

/** What was refused for its address is noted with its counts, for those who are told: see key denials. */
async function upsertCounts(db: Knex, rows: readonly UsageRow[]): Promise<number> {
	const answer = await db.raw<{rows: [{written: number}]}>(
		`with given as (
			select to_timestamp(hour / 1000.0) as hour, key_id, process_id, outcome, count
			from unnest(?::bigint[], ?::uuid[], ?::uuid[], ?::text[], ?::bigint[]) as t (hour, key_id, process_id, outcome, count)
		),
		before as (
			select u.hour, u.key_id, u.process_id, u.count
			from given g join usage_hourly u using (hour, key_id, process_id, outcome)
			where g.outcome = 'ip_denied'
		),
		written as (
			insert into usage_hourly as u (hour, key_id, process_id, outcome, count)
			select hour, key_id, process_id, outcome, count from given
			on conflict (hour, key_id, process_id, outcome) do update set count = excluded.count where u.count < excluded.count
			returning hour, key_id, process_id, outcome, count
		),
		denied as (
			insert into key_denials as d (key_id, unentered, untold)
			select key_id, sum(more), sum(more) from (
				select w.key_id, w.count - coalesce(b.count, 0) as more
				from written w left join before b using (hour, key_id, process_id)
				where w.outcome = 'ip_denied'
			) as each
			where exists (select from api_keys k where k.id = key_id)
			group by key_id order by key_id
			on conflict (key_id) do update
				set unentered = d.unentered + excluded.unentered, untold = d.untold + excluded.untold
		)
		select count(*)::int as written from written`,
		[
			rows.map((row) => row.hour),
			rows.map((row) => row.keyId),
			rows.map((row) => row.processId),
			rows.map((row) => row.outcome),
			rows.map((row) => row.count),
		],
	);
	return answer.rows[0].written;
}

async function moveLastUsed(db: Knex, uses: readonly LastUse[]): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`update api_keys k set last_used_at = t.at, last_used_ip = t.ip
		from (
			select distinct on (key_id) key_id, least(to_timestamp(at / 1000.0), now()) as at, ip
			from unnest(?::uuid[], ?::bigint[], ?::inet[]) as t (key_id, at, ip)
			order by key_id, at desc
		) t
		where k.id = t.key_id and (
			k.last_used_at is null or k.last_used_at < t.at
			or (k.last_used_at = t.at and k.last_used_ip is distinct from t.ip)
		)`,
		[
			uses.map((use) => use.keyId),
			uses.map((use) => use.at),
			uses.map((use) => use.ip ?? null) as string[],
		],
	);
	return answer.rowCount;
}

/** How many buckets are told, and how long one is: all of an hour, or of a day in UTC. */
const spans = {hour: {count: 24, hours: 1}, day: {count: 30, hours: 24}} as const;

type Counts = Record<CountedOutcome, number>;
type BucketRow = {start: Date; outcome: CountedOutcome | null; count: number};

/**
 * How often a key was checked, by outcome, in each of the last hours or days; oldest first, the
 * current one last, and one without any check is there with zeros.
 */
export async function readUsage(
	db: Knex,
	keyId: string,
	by: 'hour' | 'day',
): Promise<{start: Date; counts: Counts}[]> {
	const {count, hours} = spans[by];
	const answer = await db.raw<{rows: BucketRow[]}>(
		`select b.start, u.outcome, coalesce(sum(u.count), 0)::float8 as count
		from generate_series(
			date_trunc(:by, now(), 'UTC') - (:count - 1) * make_interval(hours => :hours),
			date_trunc(:by, now(), 'UTC'),
			make_interval(hours => :hours)
		) as b (start)
		left join usage_hourly u
			on u.key_id = :keyId and u.hour >= b.start and u.hour < b.start + make_interval(hours => :hours)
		group by b.start, u.outcome
		order by b.start`,
		{by, count, hours, keyId},
	);
	const buckets = new Map<number, {start: Date; counts: Counts}>();
	for (const {start, outcome, count: times} of answer.rows) {
		const bucket = buckets.get(start.getTime()) ?? {start, counts: noCounts()};
		// A newer server may have counted what this one does not know.
		if (outcome !== null && Object.hasOwn(bucket.counts, outcome)) bucket.counts[outcome] = times;
		buckets.set(start.getTime(), bucket);
	}
	return [...buckets.values()];
}

function noCounts(): Counts {
	return Object.fromEntries(countedOutcomes.map((outcome) => [outcome, 0])) as Counts;
}

/** How long rows of details may still be written once more: a batch in Redis lives a day less. */
const keptDetailDays = 8;

/**
 * Makes the partitions of this month and the next three, of details by hour of this day and the next ones, and
 * drops what is older than it is kept.
 */
export async function keepUsagePartitions(
	db: Knex,
	keptDays: number,
): Promise<{made: number; dropped: number}> {
	const answer = await db.raw<{rows: [{made: number; dropped: number}]}>(
		'select made, dropped from keep_usage_partitions(4, 4, ?::integer, ?::integer)',
		[keptDays, keptDetailDays],
	);
	return answer.rows[0];
}

function byKey(a: {keyId: string}, b: {keyId: string}): number {
	return a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0;
}

function* chunks<T>(items: readonly T[], order: (a: T, b: T) => number): Generator<T[]> {
	const sorted = items.toSorted(order);
	for (let i = 0; i < sorted.length; i += chunkSize) yield sorted.slice(i, i + chunkSize);
}
