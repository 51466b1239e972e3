import type {DatabaseSession} from '../../core/db/session.ts';

/**
 * SQL that removes every table, function and type of ours from the schema `public`; what belongs to an
 * extension stays. Runs in the transaction of its caller.
 */
export const removeEverything = `do $$
declare
	statement text;
begin
	for statement in
		select format('drop table if exists public.%I cascade', relname) from pg_class c
			where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
			and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
	loop execute statement; end loop;
	for statement in
		select format('drop %s if exists public.%I cascade', case relkind when 'S' then 'sequence' when 'v' then 'view' else 'materialized view' end, relname)
			from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('S', 'v', 'm')
			and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype in ('e', 'a', 'i'))
	loop execute statement; end loop;
	for statement in
		select format('drop routine if exists %s cascade', oid::regprocedure) from pg_proc p
			where pronamespace = 'public'::regnamespace
			and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')
	loop execute statement; end loop;
	for statement in
		select format('drop type if exists public.%I cascade', typname) from pg_type t
			where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'c') and typelem = 0
			and (typrelid = 0 or exists (select from pg_class where oid = typrelid and relkind = 'c'))
			and not exists (select from pg_depend where classid = 'pg_type'::regclass and objid = t.oid and deptype = 'e')
	loop execute statement; end loop;
end
$$;
`;

/** What every start of the appliance writes by itself: an appliance that nobody used yet has no other rows. */
const writtenByStarts = [
	'knex_migrations',
	'knex_migrations_lock',
	'instance_settings',
	'instance_secrets',
	'master_keys',
	'signing_keys',
	'audit_entries',
	'audit_heads',
	'audit_signed_heads',
	'verifiers',
	'workers',
	'maintenance_runs',
	'key_figures',
];

/** The tables of the schema `public` with rows that somebody's use has left, each in words. */
export async function usedTables(session: DatabaseSession): Promise<string[]> {
	const {rows} = await session.query<{name: string; quoted: string}>(
		`select relname as name, format('public.%I', relname) as quoted from pg_class c
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
			and relname <> all ($1)
			and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
		order by relname`,
		[writtenByStarts],
	);
	const used: string[] = [];
	for (const {name, quoted} of rows) {
		const found = await session.query(`select from ${quoted} limit 1`);
		if (found.rowCount !== 0) used.push(name);
	}
	return used;
}

/** Programs of ours that use the database now, by their sessions and by what they wrote of themselves. */
export async function runningPrograms(session: DatabaseSession): Promise<string[]> {
	const {rows} = await session.query<{name: string}>(
		`select distinct application_name as name from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid()
			and application_name ~ '^latchkey-' and application_name !~ '^latchkey-(backup|restore|drill|operate|audit)'
		order by 1`,
	);
	const leases = await session.query<{there: boolean}>(
		"select to_regclass('public.verifiers') is not null as there",
	);
	const held =
		leases.rows[0]?.there === true
			? await session.query<{name: string}>(
					'select name from public.verifiers where lease_until > now() order by name',
				)
			: {rows: []};
	return [
		...rows.map(({name}) => name.replace(/^latchkey-/, '')),
		...held.rows.map(({name}) => `the server ${name}, which holds a lease`),
	];
}
