import type {Knex} from 'knex';
import {SchemaError} from './schema-error.ts';
import {passwordVerifier} from './scram.ts';

/** The role that server and worker use, and what they prove to be it with. */
export type ApplicationRole = {name: string; password: string | undefined};

/**
 * @throws {SchemaError} when the role that migrates could not change the schema, saying which one
 * could, or what it lacks
 */
export async function requireOwner(db: Knex): Promise<void> {
	const answer = await db.raw<{
		rows: {
			self: string;
			owner: string | null;
			isOwner: boolean | null;
			mayCreate: boolean;
			remedy: string;
		}[];
	}>(
		`select current_user as self, pg_get_userbyid(t.relowner) as owner,
			pg_has_role(t.relowner, 'usage') as "isOwner",
			has_schema_privilege('public', 'create') as "mayCreate",
			format('grant create on schema public to %I', current_user) as remedy
		from (select) as one left join pg_class t on t.oid = to_regclass('public.knex_migrations')`,
	);
	const [found] = answer.rows;
	if (found === undefined) return;
	const {self, owner, isOwner, mayCreate, remedy} = found;
	if (isOwner === false) {
		throw new SchemaError(
			`The schema belongs to the database role ${owner}, and migrate runs as ${self}. Set LATCHKEY_DATABASE_MIGRATION_USER=${owner}, with its password in LATCHKEY_DATABASE_MIGRATION_PASSWORD.`,
		);
	}
	if (!mayCreate) {
		throw new SchemaError(
			`The database role ${self} may not make tables. Run as the owner of the database, then start again:\n  ${remedy};`,
		);
	}
}

/**
 * Makes the application's role where it is missing, which takes a role that may (CREATEROLE).
 *
 * @throws {SchemaError} with the SQL to run where it may not
 */
export async function ensureApplicationRole(db: Knex, role: ApplicationRole): Promise<void> {
	const verifier = role.password === undefined ? null : passwordVerifier(role.password);
	const answer = await db.raw<{rows: {self: string; statement: string; shown: string}[]}>(
		`select current_user as self,
			format('create role %I login password %L', cast(:name as text), cast(:verifier as text)) as statement,
			format('create role %I login password %L', cast(:name as text), '…') as shown
		where not exists (select from pg_roles where rolname = :name)`,
		{name: role.name, verifier},
	);
	const [missing] = answer.rows;
	if (missing === undefined) return;
	const statement = missing.statement.replaceAll('?', '\\?');
	try {
		await db.raw(statement);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		// Another appliance on the same PostgreSQL was quicker.
		if (code === '42710') return;
		if (code !== '42501') throw error;
		throw new SchemaError(
			`The database role ${role.name}, which server and worker use, does not exist, and ${missing.self} may not make it. Run as a superuser, then start again:\n  ${missing.shown};`,
		);
	}
}
