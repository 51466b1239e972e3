import type {Knex} from 'knex';
import type {Grouping, UsageResult, UsageStep} from '../../contract/usage.ts';
import type {UsagePeriod} from './period.ts';

/* What counts of uses are read with: where they are kept, and by what they are told apart. */

/** Whose checks are counted. */
export type UsageScope = {
	organisationId: string;
	/** Ids of keys; null: of every one. */
	keys: readonly string[] | null;
	/** Whose keys; null: of every one. */
	owner: {type: string; id: string} | null;
};

/** What is told of the checks of a scope. */
export type UsageQuestion = {
	scope: UsageScope;
	period: UsagePeriod;
	grouping: Grouping;
	/** Undefined: all checks, accepted and refused. */
	result: UsageResult | undefined;
};

const narrowed = `key_id in (
		select id from api_keys where organisation_id = :organisationId
			and (:keys::uuid[] is null or id = any (:keys::uuid[]))
			and (:owner::jsonb is null or owner = :owner::jsonb)
	)`;
const refused = `case outcome when 'valid' then 0 else count end as refused`;
const inHours = 'hour >= :from::timestamptz and hour < :to::timestamptz';
const inDays =
	'organisation_id = :organisationId and day >= :from::timestamptz::date and day < :to::timestamptz::date';

/** Rows of each table: when, of which key, of what, how many, and how many of these were refused. */
const tables = {
	totals: `select hour as at, null::uuid as key_id, outcome as value, count, ${refused}
		from usage_totals_hourly where organisation_id = :organisationId and ${inHours}`,
	hours: `select hour as at, key_id, outcome as value, count, ${refused}
		from usage_hourly where ${inHours} and ${narrowed}`,
	days: `select day as at, key_id, outcome as value, count, ${refused}
		from usage_daily where ${inDays}`,
	daysOfSome: `select day as at, key_id, outcome as value, count, ${refused}
		from usage_daily where ${inDays} and ${narrowed}`,
	detailHours: `select hour as at, key_id, value, count, refused
		from usage_details_hourly where kind = :kind and ${inHours} and ${narrowed}`,
	detailDays: `select day as at, key_id, value, count, refused
		from usage_details_daily where kind = :kind and ${inDays}`,
	detailDaysOfSome: `select day as at, key_id, value, count, refused
		from usage_details_daily where kind = :kind and ${inDays} and ${narrowed}`,
} as const;

export type UsageTable = keyof typeof tables;

/** Where the checks of a scope are counted for a step, by outcome or, with `kind`, by a detail. */
export function tableOf(scope: UsageScope, step: UsageStep, grouping: Grouping): UsageTable {
	const isAll = scope.keys === null && scope.owner === null;
	if (grouping === 'tag' || grouping === 'address') {
		if (step === 'hour') return 'detailHours';
		return isAll ? 'detailDays' : 'detailDaysOfSome';
	}
	if (isAll && grouping === 'outcome') return 'totals';
	if (step === 'hour') return 'hours';
	return isAll ? 'days' : 'daysOfSome';
}

export type Bindings = Readonly<
	Record<string, string | number | boolean | readonly string[] | null>
>;

/** What every statement about a question is given. */
export function bindingsOf({scope, period, grouping}: UsageQuestion, table: UsageTable): Bindings {
	return {
		organisationId: scope.organisationId,
		keys: scope.keys,
		owner: scope.owner && JSON.stringify(scope.owner),
		kind: kindOf(table, grouping),
		from: new Date(period.from).toISOString(),
		to: new Date(period.to).toISOString(),
	};
}

/** @param longestMs that it is waited for an answer, where not as for any other */
export async function readRows<Row>(
	db: Knex,
	statement: string,
	bindings: Bindings,
	longestMs?: number,
): Promise<Row[]> {
	const query = db.raw<{rows: Row[]}>(statement, bindings as Record<string, Knex.RawBinding>);
	const answer = await (longestMs === undefined
		? query
		: query.options({query_timeout: longestMs}));
	return answer.rows;
}

/** `kind` of the rows of a detail. */
function kindOf(table: UsageTable, grouping: Grouping): string | null {
	if (grouping === 'tag') return 'tag';
	if (grouping === 'address') return table === 'detailHours' ? 'client' : 'address';
	return null;
}

/** Keys by owner, each read once: `owner` is empty where there is none. */
const owners = `(
		select id, coalesce((owner ->> 'type') || '/' || (owner ->> 'id'), '') as owner
		from api_keys where organisation_id = :organisationId offset 0
	) as k`;
const ofOwners = `join ${owners} on k.id = u.key_id`;
const byValue = {group: 'value', joined: '', isAmong: 'value = any (:groups::text[])'};

/** What a row belongs to; empty: to nothing. */
const groups = {
	outcome: byValue,
	tag: byValue,
	address: byValue,
	key: {group: 'key_id', joined: '', isAmong: 'key_id = any (:groups::uuid[])'},
	owner: {group: 'k.owner', joined: ofOwners, isAmong: 'k.owner = any (:groups::text[])'},
} as const satisfies Record<Grouping, unknown>;

const all = 'sum(count)';
const allRefused = 'sum(refused)';
const counted = {
	all,
	accepted: `${all} - ${allRefused}`,
	refused: allRefused,
} as const satisfies Record<UsageResult | 'all', string>;

const sums = (result: UsageResult | 'all') =>
	`(${counted[result]})::float8 as count, ${allRefused}::float8 as refused`;

/** When the step of a row begins, in milliseconds since the epoch. */
function startIn(table: UsageTable, step: UsageStep): string {
	const isByHour = table === 'totals' || table === 'hours' || table === 'detailHours';
	const at = isByHour ? `at at time zone 'UTC'` : 'at::timestamp';
	const start = step === (isByHour ? 'hour' : 'day') ? at : `date_trunc('${step}', ${at})`;
	return `(extract(epoch from ${start}) * 1000)::float8`;
}

/** The groups counted most, as many as `:top` says. */
export function rankStatement(
	table: UsageTable,
	grouping: Grouping,
	result: UsageResult | 'all',
): string {
	// Keys are many, and owners few: each key is looked up once.
	if (grouping === 'owner') {
		return `select k.owner as "group"
			from (select key_id, ${counted[result]} as count from (${tables[table]}) as each group by key_id) as u
			${ofOwners}
			group by 1 having sum(count) > 0
			order by sum(count) desc, 1 limit :top`;
	}
	const {group} = groups[grouping];
	return `select (${group})::text as "group"
		from (${tables[table]}) as u
		group by ${group} having ${counted[result]} > 0
		order by ${counted[result]} desc, 1 limit :top`;
}

/** The counts of `:groups` in each step. */
export function pointsStatement(
	table: UsageTable,
	grouping: Grouping,
	{step, result}: {step: UsageStep; result: UsageResult | 'all'},
): string {
	const {group, joined, isAmong} = groups[grouping];
	return `select (${group})::text as "group", ${startIn(table, step)} as start, ${sums(result)}
		from (${tables[table]}) as u ${joined}
		where ${isAmong}
		group by ${group}, 2`;
}

/** The counts of all groups together in each step. */
export function wholeStatement(
	table: UsageTable,
	{step, result}: {step: UsageStep; result: UsageResult | 'all'},
): string {
	return `select ${startIn(table, step)} as start, ${sums(result)}
		from (${tables[table]}) as u
		group by 1 having ${all} > 0`;
}

/** The groups of a whole period behind `:after`, in their order, as many as `:most` says. */
export function exportStatement(
	table: UsageTable,
	grouping: Grouping,
	result: UsageResult | 'all',
): string {
	const {group, joined} = groups[grouping];
	return `select c."group", k.name, c.count, c.refused from (
			select (${group})::text collate "C" as "group", ${sums(result)}
			from (${tables[table]}) as u ${joined}
			where :after::text is null or (${group})::text collate "C" > :after::text
			group by ${group} having ${counted[result]} > 0
			order by 1 limit :most
		) as c
		left join api_keys k on :isOfKeys and k.id::text = c."group"
		order by 1`;
}
