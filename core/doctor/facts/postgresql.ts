import type {Knex} from 'knex';

/** What PostgreSQL says of itself, of the database and of the role that asks. */
export type PostgresqlFacts = {
	versionNumber: number;
	version: string;
	role: string;
	/** Of the schema; null before the first migration. */
	owner: string | null;
	isSuperuser: boolean;
	mayCreateRoles: boolean;
	mayCreateDatabases: boolean;
	roleConnections: number;
	databaseConnections: number;
	collationVersion: string | null;
	actualCollationVersion: string | null;
	transactionIdAge: number;
	multixactAge: number;
	usedConnections: number;
	/** Settings by name, those that this version has. */
	settings: Readonly<Record<string, string>>;
	/** `name=value`, as a role or database was given them. */
	given: string[];
	currentSchema: string | null;
};

const settingsRead = [
	'autovacuum',
	'data_checksums',
	'default_transaction_isolation',
	'fsync',
	'full_page_writes',
	'max_connections',
	'max_prepared_transactions',
	'reserved_connections',
	'search_path',
	'session_replication_role',
	'superuser_reserved_connections',
	'synchronous_commit',
	'track_counts',
];

export async function readPostgresql(db: Knex): Promise<PostgresqlFacts> {
	const {rows} = await db.raw<{rows: [PostgresqlFacts]}>(
		`select current_setting('server_version_num')::integer as "versionNumber",
			split_part(current_setting('server_version'), ' ', 1) as version,
			current_user as role,
			(select pg_get_userbyid(relowner) from pg_class where oid = to_regclass('public.knex_migrations')) as owner,
			r.rolsuper as "isSuperuser", r.rolcreaterole as "mayCreateRoles", r.rolcreatedb as "mayCreateDatabases",
			r.rolconnlimit as "roleConnections", d.datconnlimit as "databaseConnections",
			d.datcollversion as "collationVersion",
			pg_database_collation_actual_version(d.oid) as "actualCollationVersion",
			age(d.datfrozenxid) as "transactionIdAge", mxid_age(d.datminmxid) as "multixactAge",
			(select count(*) from pg_stat_activity where backend_type = 'client backend')::integer as "usedConnections",
			(select json_object_agg(name, setting) from pg_settings where name = any (?::text[])) as settings,
			array(
				select unnest(s.setconfig) from pg_db_role_setting s
				where s.setrole in (0, r.oid) and s.setdatabase in (0, d.oid) order by s.setrole, s.setdatabase
			) as given,
			current_schema() as "currentSchema"
		from pg_roles r, pg_database d
		where r.rolname = current_user and d.datname = current_database()`,
		[settingsRead],
	);
	return rows[0];
}

/** A right that the role of server and worker lacks, or has beyond what it needs. */
export type WrongRight = {name: string; privilege: string; isMissing: boolean};

/**
 * Compares what the role that asks may do with what it should. Columns count as well: where some of a table
 * are withheld, the others are granted one by one.
 *
 * @param rights what it should be able to do, by table
 */
export async function readWrongRights(
	db: Knex,
	rights: Readonly<Record<string, string>>,
	callable: readonly string[],
): Promise<WrongRight[]> {
	const {rows} = await db.raw<{rows: WrongRight[]}>(
		`with wanted as (
			select t.key as name, p.privilege, c.oid,
				p.privilege = any (string_to_array(t.value, ', ')) as is_wanted,
				case when p.privilege in ('delete', 'truncate', 'trigger') then has_table_privilege(c.oid, p.privilege)
					else has_any_column_privilege(c.oid, p.privilege) end as is_given
			from json_each_text(cast(:rights as json)) t
			join pg_class c on c.relname = t.key and c.relnamespace = 'public'::regnamespace
			cross join unnest(array['select', 'insert', 'update', 'references', 'delete', 'truncate', 'trigger']) as p (privilege)
		)
		select name, privilege, is_wanted as "isMissing" from wanted where is_wanted <> is_given
		union all
		select proname || '()', 'execute', true from pg_proc
			where pronamespace = 'public'::regnamespace and proname = any (cast(:callable as text[]))
				and not has_function_privilege(oid, 'execute')
		union all
		select 'schema public', 'usage', true where not has_schema_privilege('public', 'usage')
		union all
		select 'schema public', 'create', false where has_schema_privilege('public', 'create')
		order by name, privilege`,
		{rights: JSON.stringify(rights), callable: [...callable]},
	);
	return rows;
}

/** What the owner of the schema lacks, in words. */
export async function readOwnerFaults(db: Knex): Promise<string[]> {
	const {rows} = await db.raw<{rows: {fault: string}[]}>(
		`with owner as (
			select r.oid, r.rolname, r.rolsuper from pg_class c join pg_roles r on r.oid = c.relowner
			where c.oid = to_regclass('public.knex_migrations')
		)
		select 'it may not make tables in the schema public' as fault from owner
			where not has_schema_privilege(oid, 'public', 'create')
		union all
		select 'it may not connect to the database' from owner
			where not has_database_privilege(oid, current_database(), 'connect')
		union all
		(select format('the table %s belongs to %s', c.relname, pg_get_userbyid(c.relowner))
			from pg_class c, owner o
			where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relowner <> o.oid
				and not pg_has_role(o.oid, c.relowner, 'usage')
				and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
			order by c.relname limit 5)`,
	);
	return rows.map(({fault}) => fault);
}

export type SlowWork = {
	/** Waits for locks that somebody else holds. */
	waiting: {pid: number; seconds: number; what: string; holders: number[]}[];
	/** Transactions of the sessions that the role may look at. */
	open: {pid: number; seconds: number; name: string; isIdle: boolean}[];
	/** Transactions that were prepared and never ended. */
	prepared: {name: string; seconds: number}[];
};

/** What keeps others waiting for longer than it should, worst first. */
export async function readSlowWork(
	db: Knex,
	{lockSeconds, transactionSeconds}: {lockSeconds: number; transactionSeconds: number},
): Promise<SlowWork> {
	const {rows} = await db.raw<{rows: [SlowWork]}>(
		`select coalesce((select json_agg(w order by w.seconds desc) from (
				select pid, extract(epoch from clock_timestamp() - waitstart)::float8 as seconds,
					coalesce(relation::regclass::text, locktype) as what, pg_blocking_pids(pid) as holders
				from pg_locks
				where not granted and waitstart < clock_timestamp() - :lockSeconds * interval '1 second'
				limit 20
			) w), '[]') as waiting,
			coalesce((select json_agg(t order by t.seconds desc) from (
				select pid, extract(epoch from clock_timestamp() - xact_start)::float8 as seconds,
					coalesce(nullif(application_name, ''), usename, '') as name,
					state like 'idle in transaction%' as "isIdle"
				from pg_stat_activity
				where datname = current_database() and backend_type = 'client backend'
					and xact_start < clock_timestamp() - :transactionSeconds * interval '1 second'
				limit 20
			) t), '[]') as open,
			coalesce((select json_agg(p order by p.seconds desc) from (
				select gid as name, extract(epoch from clock_timestamp() - prepared)::float8 as seconds
				from pg_prepared_xacts
				where database = current_database()
					and prepared < clock_timestamp() - :transactionSeconds * interval '1 second'
				limit 20
			) p), '[]') as prepared`,
		{lockSeconds, transactionSeconds},
	);
	return rows[0];
}

/** Tables that hold more dead rows than live ones. */
export async function readBloat(
	db: Knex,
	leastDeadRows: number,
): Promise<{name: string; dead: number; live: number}[]> {
	const {rows} = await db.raw<{rows: {name: string; dead: number; live: number}[]}>(
		`select relname as name, n_dead_tup::float8 as dead, n_live_tup::float8 as live
		from pg_stat_user_tables
		where schemaname = 'public' and n_dead_tup >= ?::bigint and n_dead_tup > n_live_tup
		order by n_dead_tup desc limit 10`,
		[leastDeadRows],
	);
	return rows;
}

export type ReplicationFacts = {
	slots: {name: string; isActive: boolean; keptBytes: number; walStatus: string | null}[];
	/** Standbys that the role may look at. */
	standbys: {name: string; lagSeconds: number}[];
};

export async function readReplication(db: Knex): Promise<ReplicationFacts> {
	const {rows} = await db.raw<{rows: [ReplicationFacts]}>(
		`select coalesce((select json_agg(s) from (
				select slot_name as name, active as "isActive", wal_status as "walStatus",
					coalesce(case when not pg_is_in_recovery()
						then pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) end, 0)::float8 as "keptBytes"
				from pg_replication_slots where not temporary limit 50
			) s), '[]') as slots,
			coalesce((select json_agg(r) from (
				select coalesce(nullif(application_name, ''), client_addr::text, 'a standby') as name,
					extract(epoch from coalesce(replay_lag, interval '0'))::float8 as "lagSeconds"
				from pg_stat_replication where state is not null limit 50
			) r), '[]') as standbys`,
	);
	return rows[0];
}

/** Partitions of this time and the next that should be there, and are not. */
export async function readMissingPartitions(
	db: Knex,
): Promise<{parent: string; begins: string; isNow: boolean}[]> {
	const {rows} = await db.raw<{rows: {parent: string; begins: string; isNow: boolean}[]}>(
		`select parent, to_char(begins, 'YYYY-MM-DD') as begins, step = 0 as "isNow"
		from (values
			('usage_hourly', 'month'), ('usage_daily', 'month'),
			('usage_details_daily', 'month'), ('usage_details_hourly', 'day')
		) as t (parent, unit)
		cross join generate_series(0, 1) as step
		cross join lateral (
			select date_trunc(unit, now() at time zone 'UTC') + step * ('1 ' || unit)::interval as begins
		) as b
		where to_regclass('public.' || parent) is not null and not exists (
			select from pg_inherits i join pg_class c on c.oid = i.inhrelid
			where i.inhparent = to_regclass('public.' || parent)
				and c.relname = parent || '_' || to_char(begins, case unit when 'month' then 'YYYY_MM' else 'YYYY_MM_DD' end)
		)
		order by parent, begins`,
	);
	return rows;
}
