import type {Knex} from 'knex';
import type {LastUse, UsageDetailRow, UsageRow} from './batch.ts';

/** Rows of one statement: enough to be quick, few enough to stay below the statement timeout. */
const chunkSize = 1000;

/**
 * Writes absolute counts, last uses and details. Safe to run twice, at once, late or out of order: a count
 * only grows, a last use only moves forward, and never beyond now, whatever the clock of the process
 * that saw it said. Sums grow by what was added, in the statement that adds it. Rows are sorted, and tables
 * written to one after the other, so that two writers cannot deadlock.
 */
export async function writeUsage(
	db: Knex,
	usage: {
		rows: readonly UsageRow[];
		lastUses: readonly LastUse[];
		details: readonly UsageDetailRow[];
	},
): Promise<{rows: number; keys: number; details: number}> {
	let rows = 0;
	let keys = 0;
	let details = 0;
	for (const chunk of chunks(usage.rows)) rows += await addCounts(db, chunk);
	for (const chunk of chunks(usage.lastUses)) keys += await moveLastUsed(db, chunk);
	for (const chunk of chunks(usage.details)) details += await addDetails(db, chunk);
	return {rows, keys, details};
}

/** What was refused for its address is noted with its counts, for those who are told: see key denials. */
async function addCounts(db: Knex, rows: readonly UsageRow[]): Promise<number> {
	const answer = await db.raw<{rows: [{written: number}]}>(
		`with given as (
			select to_timestamp(hour / 1000.0) as hour, key_id, process_id, outcome, count
			from unnest(?::bigint[], ?::uuid[], ?::uuid[], ?::text[], ?::bigint[]) as t (hour, key_id, process_id, outcome, count)
			order by hour, key_id, process_id, outcome
		),
		written as (
			insert into usage_hourly as u (hour, key_id, process_id, outcome, count, added)
			select hour, key_id, process_id, outcome, count, count from given
			on conflict (hour, key_id, process_id, outcome) do update
				set count = excluded.count, added = excluded.count - u.count where u.count < excluded.count
			returning hour, key_id, outcome, added
		),
		grown as (
			select k.organisation_id, w.hour, w.key_id, w.outcome, sum(w.added) as added
			from written w join api_keys k on k.id = w.key_id
			group by 1, 2, 3, 4
		),
		by_day as (
			insert into usage_daily as d (organisation_id, day, key_id, outcome, count)
			select organisation_id, (hour at time zone 'UTC')::date, key_id, outcome, sum(added)
			from grown group by 1, 2, 3, 4 order by 1, 2, 3, 4
			on conflict (organisation_id, day, key_id, outcome) do update set count = d.count + excluded.count
			returning 1
		),
		totals as (
			insert into usage_totals_hourly as t (organisation_id, hour, outcome, count)
			select organisation_id, hour, outcome, sum(added)
			from grown, (select count(*) from by_day) as after group by 1, 2, 3 order by 1, 2, 3
			on conflict (organisation_id, hour, outcome) do update set count = t.count + excluded.count
			returning 1
		),
		denied as (
			insert into key_denials as d (key_id, unentered, untold)
			select key_id, sum(added), sum(added) from grown, (select count(*) from totals) as after
			where outcome = 'ip_denied' group by key_id order by key_id
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

/** Address and program belong to one use, the last of which one of them is known; its time is kept, too. */
async function moveLastUsed(db: Knex, uses: readonly LastUse[]): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`with given as (
			select key_id, to_timestamp(first_at / 1000.0) as first_at, to_timestamp(at / 1000.0) as at,
				case when known_at is not null then least(to_timestamp(known_at / 1000.0), now()) end as known_at, address, agent
			from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::inet[], ?::text[])
				as t (key_id, first_at, at, known_at, address, agent)
		),
		used as (
			select key_id, least(min(first_at), now()) as first_at, least(max(at), now()) as at
			from given group by key_id
		),
		known as (
			select distinct on (key_id) key_id, known_at, address, agent
			from given where known_at is not null order by key_id, known_at desc
		),
		moved as (
			select k.id, u.first_at, u.at, n.known_at, n.address, n.agent,
				n.known_at is not null and (
					k.last_used_address_at is null or k.last_used_address_at < n.known_at
					or (k.last_used_address_at = n.known_at
						and (k.last_used_ip, k.last_used_agent) is distinct from (n.address, n.agent))
				) as is_known_later
			from used u join api_keys k on k.id = u.key_id left join known n on n.key_id = u.key_id
		)
		update api_keys k set
			first_used_at = least(k.first_used_at, m.first_at),
			last_used_at = greatest(k.last_used_at, m.at),
			last_used_ip = case when m.is_known_later then m.address else k.last_used_ip end,
			last_used_agent = case when m.is_known_later then m.agent else k.last_used_agent end,
			last_used_address_at = case when m.is_known_later then m.known_at else k.last_used_address_at end
		from moved m
		where k.id = m.id and (
			k.last_used_at is null or k.last_used_at < m.at
			or k.first_used_at is null or k.first_used_at > m.first_at or m.is_known_later
		)`,
		[
			uses.map((use) => use.keyId),
			uses.map((use) => use.firstAt),
			uses.map((use) => use.at),
			uses.map((use) => use.known?.at ?? null) as number[],
			uses.map((use) => use.known?.address ?? null) as string[],
			uses.map((use) => use.known?.agent ?? null) as string[],
		],
	);
	return answer.rowCount;
}

async function addDetails(db: Knex, rows: readonly UsageDetailRow[]): Promise<number> {
	const answer = await db.raw<{rows: [{written: number}]}>(
		`with given as (
			select to_timestamp(hour / 1000.0) as hour, process_id, detail, key_id, kind, value, agent, count, refused,
				least(to_timestamp(first_at / 1000.0), now()) as first_at, least(to_timestamp(last_at / 1000.0), now()) as last_at
			from unnest(
				?::bigint[], ?::uuid[], ?::integer[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[],
				?::bigint[], ?::bigint[]
			) as t (hour, process_id, detail, key_id, kind, value, agent, count, refused, first_at, last_at)
			order by hour, process_id, detail
		),
		written as (
			insert into usage_details_hourly as u (
				hour, process_id, detail, key_id, kind, value, agent, count, refused, first_at, last_at, added, added_refused
			)
			select *, count, refused from given
			on conflict (hour, process_id, detail) do update set
				count = excluded.count, added = excluded.count - u.count,
				refused = excluded.refused, added_refused = excluded.refused - u.refused, last_at = excluded.last_at
			where u.count < excluded.count
			returning hour, key_id, kind, value, agent, first_at, last_at, added, added_refused
		),
		grown as (
			select k.organisation_id, w.* from written w join api_keys k on k.id = w.key_id
		),
		by_day as (
			insert into usage_details_daily as d (organisation_id, day, key_id, kind, value, count, refused)
			select organisation_id, (hour at time zone 'UTC')::date, key_id,
				case kind when 'client' then 'address' else kind end, value, sum(added), sum(added_refused)
			from grown where kind in ('client', 'tag') group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
			on conflict (organisation_id, day, key_id, kind, value) do update
				set count = d.count + excluded.count, refused = d.refused + excluded.refused
			returning 1
		),
		clients as (
			insert into key_clients as c (key_id, address, user_agent, first_seen_at, last_seen_at, count, refused)
			select key_id, value, agent, min(first_at), max(last_at), sum(added), sum(added_refused)
			from grown, (select count(*) from by_day) as after where kind = 'client' group by 1, 2, 3 order by 1, 2, 3
			on conflict (key_id, address, user_agent) do update set
				first_seen_at = least(c.first_seen_at, excluded.first_seen_at),
				last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at),
				count = c.count + excluded.count, refused = c.refused + excluded.refused
			returning 1
		),
		needed as (
			insert into key_needed_scopes as s (key_id, scope, first_needed_at, last_needed_at, count)
			select key_id, value, min(first_at), max(last_at), sum(added)
			from grown, (select count(*) from clients) as after where kind = 'scope' group by 1, 2 order by 1, 2
			on conflict (key_id, scope) do update set
				first_needed_at = least(s.first_needed_at, excluded.first_needed_at),
				last_needed_at = greatest(s.last_needed_at, excluded.last_needed_at),
				count = s.count + excluded.count
		)
		select count(*)::int as written from written`,
		[
			rows.map((row) => row.hour),
			rows.map((row) => row.processId),
			rows.map((row) => row.detail),
			rows.map((row) => row.keyId),
			rows.map((row) => row.kind),
			rows.map((row) => row.value),
			rows.map((row) => row.agent),
			rows.map((row) => row.count),
			rows.map((row) => row.refused),
			rows.map((row) => row.firstAt),
			rows.map((row) => row.lastAt),
		],
	);
	return answer.rows[0].written;
}

function* chunks<T extends {keyId: string}>(items: readonly T[]): Generator<T[]> {
	const sorted = items.toSorted(byKey);
	for (let i = 0; i < sorted.length; i += chunkSize) yield sorted.slice(i, i + chunkSize);
}

function byKey(a: {keyId: string}, b: {keyId: string}): number {
	return a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0;
}
