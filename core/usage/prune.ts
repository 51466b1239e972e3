import type {Knex} from 'knex';
import {clientDays, mostClients} from '../../contract/usage.ts';

/** Keys of one statement: no more of its rows than one soon reads. */
const keysAtOnce = 500;

/** Scopes that are kept of a key, and for how many days after they were last needed. */
const mostScopes = 1000;
const scopeDays = 400;

/**
 * Deletes clients of keys, and scopes that they needed, that were not seen for as long as these are kept, and
 * of each key all but as many as are kept, those seen last. What is being counted at that moment is left for
 * the next time.
 *
 * @returns how many
 */
export async function pruneSeen(db: Knex): Promise<{clients: number; scopes: number}> {
	const prune = async (statement: string, most: number, days: number) => {
		let deleted = 0;
		for (let after: string | null = null; ;) {
			const bindings = {after, keys: keysAtOnce, most, days} as Record<string, Knex.RawBinding>;
			const answer: {rows: [Pruned]} = await db.raw<{rows: [Pruned]}>(statement, bindings);
			const [{keys, last, deleted: more}] = answer.rows;
			deleted += more;
			if (keys < keysAtOnce) return deleted;
			after = last;
		}
	};
	return {
		clients: await prune(pruneClients, mostClients, clientDays),
		scopes: await prune(pruneScopes, mostScopes, scopeDays),
	};
}

type Pruned = {keys: number; last: string | null; deleted: number};

/** Whoever counts holds rows, in another order: they are not waited for. */
const pruneClients = `with page as (
		select key_id from key_clients where :after::uuid is null or key_id > :after::uuid
		group by key_id order by key_id limit :keys
	),
	ranked as (
		select c.key_id, c.address, c.user_agent, c.last_seen_at,
			row_number() over (partition by c.key_id order by c.last_seen_at desc, c.count desc, c.address, c.user_agent) as place
		from key_clients c join page using (key_id)
	),
	free as (
		select c.key_id, c.address, c.user_agent
		from key_clients c join ranked r using (key_id, address, user_agent)
		where c.last_seen_at = r.last_seen_at
			and (r.place > :most or r.last_seen_at < now() - :days * interval '1 day')
		for update of c skip locked
	),
	deleted as (
		delete from key_clients c using free f
		where (c.key_id, c.address, c.user_agent) = (f.key_id, f.address, f.user_agent)
		returning 1
	)
	select (select count(*) from page)::int as keys, (select key_id from page order by key_id desc limit 1) as last,
		(select count(*) from deleted)::int as deleted`;

const pruneScopes = `with page as (
		select key_id from key_needed_scopes where :after::uuid is null or key_id > :after::uuid
		group by key_id order by key_id limit :keys
	),
	ranked as (
		select s.key_id, s.scope, s.last_needed_at,
			row_number() over (partition by s.key_id order by s.last_needed_at desc, s.count desc, s.scope) as place
		from key_needed_scopes s join page using (key_id)
	),
	free as (
		select s.key_id, s.scope from key_needed_scopes s join ranked r using (key_id, scope)
		where s.last_needed_at = r.last_needed_at
			and (r.place > :most or r.last_needed_at < now() - :days * interval '1 day')
		for update of s skip locked
	),
	deleted as (
		delete from key_needed_scopes s using free f where (s.key_id, s.scope) = (f.key_id, f.scope) returning 1
	)
	select (select count(*) from page)::int as keys, (select key_id from page order by key_id desc limit 1) as last,
		(select count(*) from deleted)::int as deleted`;
