import type {Knex} from 'knex';
import {countedOutcomes, type CountedOutcome} from '../../contract/outcomes.ts';

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
