import type {Knex} from 'knex';
import type {Tables} from 'knex/types/tables.js';
import {SchemaError} from './schema-error.ts';

/** What server and worker may do with a table. TRUNCATE, which no trigger of a row sees, is never among it. */
const privileges = {
	ordinary: 'select, insert, update, delete',
	/** What was written stays as it is. */
	appendOnly: 'select, insert',
	/** Written by triggers or by commands, as the owner. */
	readOnly: 'select',
	none: '',
} as const;

type Access = keyof typeof privileges;

/**
 * Every table, each with what the application's role may do with it. Partitions are reached through
 * their parent alone.
 */
export const tableAccess = {
	instance_settings: 'ordinary',
	organisations: 'ordinary',
	users: 'ordinary',
	memberships: 'ordinary',
	sessions: 'ordinary',
	refresh_tokens: 'ordinary',
	api_keys: 'ordinary',
	key_roles: 'ordinary',
	key_role_members: 'ordinary',
	key_policies: 'ordinary',
	sources: 'ordinary',
	master_keys: 'ordinary',
	signing_keys: 'ordinary',
	instance_secrets: 'ordinary',
	invitations: 'ordinary',
	password_resets: 'ordinary',
	identities: 'ordinary',
	device_logins: 'ordinary',
	idempotency_keys: 'ordinary',
	service_accounts: 'ordinary',
	client_secrets: 'ordinary',
	event_sequences: 'ordinary',
	events: 'ordinary',
	webhook_endpoints: 'ordinary',
	webhook_secrets: 'ordinary',
	webhook_deliveries: 'ordinary',
	webhook_attempts: 'ordinary',
	key_denials: 'ordinary',
	key_first_uses: 'ordinary',
	key_idle_notices: 'ordinary',
	shared_limits: 'ordinary',
	quota_adjustments: 'ordinary',
	quota_usage: 'ordinary',
	key_limit_refusals: 'ordinary',
	usage_hourly: 'ordinary',
	usage_daily: 'ordinary',
	usage_totals_hourly: 'ordinary',
	usage_details_hourly: 'ordinary',
	usage_details_daily: 'ordinary',
	key_clients: 'ordinary',
	key_needed_scopes: 'ordinary',
	key_figures: 'ordinary',
	verifiers: 'ordinary',
	workers: 'ordinary',
	audit_entries: 'appendOnly',
	audit_signed_heads: 'appendOnly',
	audit_heads: 'readOnly',
	key_hashes: 'readOnly',
	maintenance_runs: 'readOnly',
	knex_migrations: 'readOnly',
	knex_migrations_lock: 'none',
} as const satisfies Record<keyof Tables, Access> & Record<string, Access>;

/** SECURITY DEFINER functions that server and worker call; triggers need no right to theirs. */
const callable = ['keep_usage_partitions', 'require_terms_version'];

/** What server and worker need, for whoever compares it with what they have. */
export const applicationRights: {
	tables: Readonly<Record<string, string>>;
	callable: readonly string[];
} = {
	tables: Object.fromEntries(
		Object.entries(tableAccess).map(([table, access]) => [table, privileges[access]]),
	),
	callable,
};

/**
 * Gives a role exactly what server and worker need, and takes away what it had beyond that. The
 * same at every run. In one transaction: nobody sees it half done.
 *
 * @param transaction of the role that owns the schema
 * @throws {SchemaError} when the role could do more all the same, with the SQL that ends it
 */
export async function grantApplication(transaction: Knex, role: string): Promise<void> {
	// A table that nobody gave a class is an ordinary one; a test asks for the class. What belongs to
	// an extension, or to somebody else, is none of ours.
	const answer = await transaction.raw<{rows: {statement: string}[]}>(
		`with application as (select cast(:role as text) as role, current_database() as database),
		own_tables as (
			select relname as name, role,
				case when relispartition then '' else coalesce(cast(:rights as jsonb) ->> relname, :ordinary) end as rights
			from pg_class c, application
			where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
				and pg_has_role(relowner, 'usage')
				and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
		),
		own_definers as (
			select oid::regprocedure as signature, role, proname = any (cast(:callable as text[])) as is_callable
			from pg_proc p, application
			where pronamespace = 'public'::regnamespace and prosecdef and pg_has_role(proowner, 'usage')
				and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')
		)
		select format('revoke all on database %1$I from public, %2$I; grant connect on database %1$I to %2$I', database, role)
			as statement from application
		union all
		select format('revoke create on schema public from public, %1$I; grant usage on schema public to %1$I', role)
			from application
		union all
		select format('revoke all on table public.%I from public, %I', name, role) from own_tables
		union all
		select format('revoke all on function %s from public, %I', signature, role) from own_definers
		union all
		select format('grant %s on table public.%I to %I', rights, name, role) from own_tables where rights <> ''
		union all
		select format('grant execute on function %s to %I', signature, role) from own_definers where is_callable
		union all
		select format('select withhold_hashes(%L)', role) from application
			where to_regprocedure('withhold_hashes(name)') is not null`,
		{
			role,
			rights: JSON.stringify(applicationRights.tables),
			ordinary: privileges.ordinary,
			callable,
		},
	);
	// Names are quoted by PostgreSQL; a question mark in one is not a binding of Knex.
	const statements = answer.rows.map(({statement}) => statement.replaceAll('?', '\\?')).join(';\n');
	await transaction.raw(statements);
	await refuseMore(transaction, role);
}

/**
 * Looks at what no grant of ours can take away: powers of the role itself, other roles that it may
 * become, what it owns, and what belongs to somebody else than us.
 */
async function refuseMore(db: Knex, role: string): Promise<void> {
	const answer = await db.raw<{rows: {remedy: string}[]}>(
		`with application as (select * from pg_roles where rolname = :role),
		mighty as (
			select r.* from pg_roles r, application a
			where pg_has_role(a.oid, r.oid, 'member') and (
				r.rolsuper or r.rolcreaterole or r.rolcreatedb
				or has_table_privilege(r.oid, 'public.knex_migrations', 'update')
			)
		)
		select format('alter role %I nosuperuser nocreaterole nocreatedb', a.rolname) as remedy
			from application a where a.rolsuper or a.rolcreaterole or a.rolcreatedb
		union all
		select format('revoke %I from %I', m.rolname, a.rolname)
			from mighty m, application a where m.oid <> a.oid and not a.rolsuper
		union all
		select format('alter database %I owner to %I', d.datname, current_user)
			from pg_database d join application a on d.datdba = a.oid where d.datname = current_database()
		union all
		select format('alter schema public owner to %I', current_user)
			from pg_namespace n join application a on n.nspowner = a.oid where n.nspname = 'public'
		union all
		select format('reassign owned by %I to %I', a.rolname, current_user) from application a
			where exists (select from pg_class where relnamespace = 'public'::regnamespace and relowner = a.oid)
		union all
		select format('revoke create, temporary on database %I from public, %I', d.datname, a.rolname)
			from pg_database d, application a
			where d.datname = current_database() and d.datdba <> a.oid and not exists (select from mighty)
				and has_database_privilege(a.oid, d.oid, 'create, temporary')
		union all
		select format('revoke create on schema public from public, %I', a.rolname)
			from pg_namespace n, pg_database d, application a
			where n.nspname = 'public' and d.datname = current_database() and n.nspowner <> a.oid
				and d.datdba <> a.oid and not exists (select from mighty) and has_schema_privilege(a.oid, n.oid, 'create')`,
		{role},
	);
	if (answer.rows.length === 0) return;
	const statements = answer.rows.map(({remedy}) => `  ${remedy};`).join('\n');
	throw new SchemaError(
		`The database role ${role}, which server and worker use, may do more than they need. Nothing was changed. Run as a superuser, then start again:\n${statements}`,
	);
}
