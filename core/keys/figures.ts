import type {Knex} from 'knex';
import {keyStatuses, type KeyStatus} from '../../contract/key-status.ts';
import {enforcedDays, policyJoins} from '../key-policies/enforced.ts';

/* How many keys there are of all organisations together, for whoever watches the appliance. */

/** For so many days ahead it is told how many keys end. */
const expiringDays = [1, 7, 30];
/** Without a use for so many days a key is told as idle. */
const idleDays = [30, 90];
/** A key that was made lately need not have been used yet, in days. */
const settlingDays = 7;

/** What is counted: a name and what tells it from others of that name, both fixed. */
type Counted = {name: 'keys' | 'expiring' | 'idle' | 'never_used'; label: string; where: string};

/** As `statusOf` has it: the first that applies. */
const conditions: Record<KeyStatus, string> = {
	revoked: 'k.revoked_at is not null',
	rotated: 'k.rotation_ended_at is not null or k.grace_until <= now()',
	suspended: 'k.suspended_at is not null',
	scheduled: 'k.not_before > now()',
	expired: 'e.ends_at <= now()',
	rotating: 'k.grace_until is not null',
	active: 'true',
};

/** Times that do not depend on the key stand in a query of their own: it is computed once for all keys. */
const counted: readonly Counted[] = [
	...keyStatuses.map((label): Counted => ({name: 'keys', label, where: `status = '${label}'`})),
	...expiringDays.map((days): Counted => ({
		name: 'expiring',
		label: `${days}d`,
		where: `status = 'active' and ends_at < (select now() + interval '${days} days')`,
	})),
	...idleDays.map((days): Counted => ({
		name: 'idle',
		label: String(days),
		where: `status = 'active' and created_at < ${before(days)}
			and (last_used_at is null or last_used_at < ${before(days)})`,
	})),
	{
		name: 'never_used',
		label: '',
		where: `status = 'active' and last_used_at is null and created_at < ${before(settlingDays)}`,
	},
];

function before(days: number): string {
	return `(select now() - interval '${days} days')`;
}

/** One pass over all keys. The end of a key is its own, or that of the longest life of an enforced policy. */
const count = `with lives as materialized (
		select o.id, (${enforcedDays}) as days from organisations o ${policyJoins}
	),
	judged as (
		select k.created_at, k.last_used_at, e.ends_at, case
			${keyStatuses.map((status) => `when ${conditions[status]} then '${status}'`).join(' ')}
			end as status
		from api_keys k join lives l on l.id = k.organisation_id
		cross join lateral (select case when l.days is null then k.expires_at
			else least(k.expires_at, date_trunc('second', k.created_at) + l.days * interval '24 hours') end as ends_at) e
		offset 0
	)
	insert into key_figures as f (name, label, count)
	select name, label, count
	from (select array[${counted.map(({where}) => `count(*) filter (where ${where})`).join()}] as counts from judged) all_of_them,
		unnest(?::text[], ?::text[], counts) as t (name, label, count)
	on conflict (name, label) do update set count = excluded.count, counted_at = excluded.counted_at`;

/** Counts all keys anew, in one pass over all of them. Done twice at once it changes nothing. */
export async function countKeys(db: Knex): Promise<void> {
	await db.raw(count, [counted.map(({name}) => name), counted.map(({label}) => label)]);
}

export type KeyFigures = {
	/** By what was counted and the label that tells it from others. */
	counts: {name: string; label: string; count: number}[];
	/** How long ago, in seconds. */
	ageSeconds: number;
};

/** @returns undefined where they were never counted */
export async function readKeyFigures(db: Knex): Promise<KeyFigures | undefined> {
	const {rows} = await db.raw<{rows: {name: string; label: string; count: number; age: number}[]}>(
		`select name, label, count::float8 as count,
			greatest(0, extract(epoch from now() - counted_at))::float8 as age from key_figures`,
	);
	if (rows.length === 0) return undefined;
	return {
		counts: rows.map(({name, label, count: times}) => ({name, label, count: times})),
		ageSeconds: Math.min(...rows.map(({age}) => age)),
	};
}
