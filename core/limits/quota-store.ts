import type {Knex} from 'knex';

/*
What was counted of quotas, in PostgreSQL: from which a Redis that lost its counts gets them back. What
somebody changed of it by hand is kept apart, see `adjustments.ts`.
*/

/** Of which period of which quota. */
export type QuotaCounter = {
	readonly organisationId: string;
	/** `k:` with the id of the first key of a chain, `o:` of the organisation, `w:` with type/id of an owner. */
	readonly subject: string;
	/** When the period began, in ms since the epoch. */
	readonly periodStart: number;
};

/** How much of a quota has come to be used, in percent, as far as it is told. */
export const quotaPercents = [50, 80, 100] as const;
export type ReachedPercent = 0 | (typeof quotaPercents)[number];

export type QuotaCount = QuotaCounter & {
	/** When it begins anew, in ms since the epoch; undefined: never. */
	readonly periodEnd: number | undefined;
	/** All that was counted since the period began. */
	readonly counted: number;
	readonly limit: number;
	/** The highest that it has come to, with what was changed by hand. */
	readonly reached: ReachedPercent;
};

/** Rows of one statement: enough to be quick, few enough to stay below the statement timeout. */
const chunkSize = 1000;
/** Longer than anybody asks about a period that is over, in days. */
const keptDays = 400;

/** The same text for the same counter, and for no other one. */
export function counterId({organisationId, subject, periodStart}: QuotaCounter): string {
	return `${organisationId} ${periodStart} ${subject}`;
}

/** The highest of the told percents that was come to. A quota of 0 is used up from the beginning. */
export function reachedOf(used: number, limit: number): ReachedPercent {
	// By multiplication: whole numbers far below 2^53 stay exact.
	return quotaPercents.findLast((percent) => used * 100 >= percent * limit) ?? 0;
}

/** @returns what was counted, by `counterId`; nothing of those that PostgreSQL does not know */
export async function readCounts(
	db: Knex,
	wanted: readonly QuotaCounter[],
): Promise<Map<string, number>> {
	if (wanted.length === 0) return new Map();
	const answer = await db.raw<{rows: {place: number; counted: number}[]}>(
		`select t.place::integer - 1 as place, q.counted::float8 as counted
		from unnest(?::uuid[], ?::text[], ?::bigint[]) with ordinality as t (organisation_id, subject, start, place)
		join quota_usage q on q.organisation_id = t.organisation_id and q.subject = t.subject
			and q.period_start = to_timestamp(t.start / 1000.0)`,
		[
			wanted.map(({organisationId}) => organisationId),
			wanted.map(({subject}) => subject),
			wanted.map(({periodStart}) => periodStart),
		],
	);
	return new Map(
		answer.rows.flatMap(({place, counted}) => {
			const counter = wanted[place];
			return counter === undefined ? [] : [[counterId(counter), counted]];
		}),
	);
}

/**
 * Writes what was counted. Safe to run twice, at once, late or out of order: a count only grows, and so
 * does what was reached. Rows are sorted, so that two writers cannot deadlock; those of an organisation
 * that has gone are left out.
 *
 * @param rows each counter once
 */
export async function writeCounts(db: Knex, rows: readonly QuotaCount[]): Promise<void> {
	const sorted = rows
		.map((row) => ({row, id: counterId(row)}))
		.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
		.map(({row}) => row);
	for (let i = 0; i < sorted.length; i += chunkSize) {
		await upsertCounts(db, sorted.slice(i, i + chunkSize));
	}
}

async function upsertCounts(db: Knex, rows: readonly QuotaCount[]): Promise<void> {
	await db.raw(
		`insert into quota_usage as q
			(organisation_id, subject, period_start, period_end, counted, quota_limit, reached)
		select organisation_id, subject, to_timestamp(start / 1000.0), to_timestamp("end" / 1000.0), counted, quota_limit, reached
		from unnest(?::uuid[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::smallint[])
			with ordinality as t (organisation_id, subject, start, "end", counted, quota_limit, reached, place)
		where exists (select from organisations o where o.id = organisation_id)
		order by place
		on conflict (organisation_id, subject, period_start) do update set
			period_end = excluded.period_end,
			counted = greatest(q.counted, excluded.counted),
			quota_limit = excluded.quota_limit,
			reached = greatest(q.reached, excluded.reached),
			updated_at = now()
		where (q.period_end, q.quota_limit) is distinct from (excluded.period_end, excluded.quota_limit)
			or q.counted < excluded.counted or q.reached < excluded.reached`,
		[
			rows.map(({organisationId}) => organisationId),
			rows.map(({subject}) => subject),
			rows.map(({periodStart}) => periodStart),
			rows.map(({periodEnd}) => periodEnd ?? null) as number[],
			rows.map(({counted}) => counted),
			rows.map(({limit}) => limit),
			rows.map(({reached}) => reached),
		],
	);
}

/** Deletes what was counted in periods that ended long ago. @returns how many */
export async function pruneCounts(db: Knex): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		"delete from quota_usage where period_end < now() - ? * interval '1 day'",
		[keptDays],
	);
	return answer.rowCount;
}
