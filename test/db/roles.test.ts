import {randomBytes} from 'node:crypto';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import pg from 'pg';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {tableAccess} from '../../core/db/grants.ts';
import {migrate} from '../../core/db/migrate.ts';
import {SchemaError} from '../../core/db/schema-error.ts';
import {passwordVerifier} from '../../core/db/scram.ts';
import {createLog} from '../../core/log.ts';
import {createSecrets} from '../../deploy/secrets.ts';
import {createAppliance, defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {migrateDatabase, migrationsDirectory} from '../helpers/migrate.ts';
import {startProgram} from '../helpers/program.ts';
import {
	createDatabase,
	createPostgres,
	createRedis,
	type TestDatabase,
} from '../helpers/services.ts';

const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});
const databases: TestDatabase[] = [];
const roles: string[] = [];

let database: TestDatabase;

test.before(async () => {
	database = await newDatabase();
});

test.after.always(async () => {
	await Promise.all(databases.map((one) => one.drop()));
	for (const role of roles) await asAdmin(`drop role if exists ${role}`);
});

async function newDatabase(options?: {isMigrated: boolean}): Promise<TestDatabase> {
	const made = await createDatabase(options);
	databases.push(made);
	return made;
}

/** A name for a role, which is dropped at the end; roles belong to the whole cluster. */
function newRole(): string {
	const role = `role_${randomBytes(6).toString('hex')}`;
	roles.push(role);
	return role;
}

async function asAdmin(sql: string, name = 'postgres'): Promise<void> {
	const {host, port, adminUser: user} = testServices().postgres;
	await withClient({host, port, user, database: name}, (client) => client.query(sql));
}

async function withClient<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>) {
	const client = new pg.Client({...config, query_timeout: 30_000});
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

/** Rows as the owner of the schema sees them. */
async function ownerSees<Row extends pg.QueryResultRow>(one: TestDatabase, sql: string) {
	const {host, port, database: name, user} = one.ownerConfig;
	return withClient({host, port, database: name, user}, async (client) => {
		const {rows} = await client.query<Row>(sql);
		return rows;
	});
}

/** What PostgreSQL says to each statement: the code of the refusal, or `done`. */
async function outcomes(
	{host, port, database, user}: DatabaseConfig,
	statements: readonly string[],
) {
	const told: Record<string, string> = {};
	await withClient({host, port, database, user}, async (client) => {
		for (const sql of statements) {
			told[sql] = await client.query(sql).then(
				() => 'done',
				(error: Error & {code?: string}) => error.code ?? error.message,
			);
		}
	});
	return told;
}

const all = (statements: readonly string[], outcome: string) =>
	Object.fromEntries(statements.map((sql) => [sql, outcome]));

const {user: application, owner} = testServices().postgres;

test('S-65: the role of the programs cannot create, alter, drop or truncate anything', async (t) => {
	const refused = [
		'create table extra (id integer)',
		'create table copied as select * from users',
		'create temporary table extra (id integer)',
		'create schema extra',
		'create view extra as select 1 as one',
		'create sequence extra',
		"create type extra as enum ('a')",
		'create index extra on api_keys (name)',
		"create function extra() returns integer language sql as 'select 1'",
		'create or replace function keep_usage_partitions(months integer, days integer, kept_days integer, kept_detail_days integer, out made integer, out dropped integer) language sql as $$ select 1, 1 $$',
		'create trigger extra before delete on sources for each row execute function announce_key_change()',
		'create role extra',
		'create database extra',
		'alter table api_keys add column extra text',
		'alter table api_keys disable trigger api_keys_announce',
		'alter table api_keys owner to current_user',
		'alter function keep_usage_partitions(integer, integer, integer, integer) security invoker',
		'alter schema public rename to extra',
		`alter database ${database.name} rename to extra`,
		'comment on table users is null',
		'drop table sources',
		'drop function announce_key_change() cascade',
		'drop trigger api_keys_announce on api_keys',
		'drop schema public cascade',
		`drop database ${database.name}`,
		'truncate sources',
		'truncate usage_hourly',
		"update knex_migrations set name = 'x'",
		"insert into knex_migrations (name) values ('x')",
		'select * from knex_migrations_lock',
		// Partitions are reached through their parent.
		'select * from usage_hourly_default',
		'delete from usage_hourly_default',
	];
	t.deepEqual(await outcomes(database.config, refused), all(refused, '42501'));
});

test('S-65: the role of the programs cannot become another one, nor give itself more', async (t) => {
	const refused = [
		`set role ${owner}`,
		'set role postgres',
		`set session authorization ${owner}`,
		`alter role ${owner} nologin`,
		`alter role ${owner} password 'x'`,
		`alter role ${application} createrole`,
		`alter role ${application} superuser`,
		`grant ${owner} to ${application}`,
		`reassign owned by ${owner} to ${application}`,
		`drop owned by ${owner}`,
		'grant truncate on users to current_user with grant option',
		// Triggers would not fire.
		"set session_replication_role = 'replica'",
		"alter system set log_statement = 'all'",
		"copy users to program 'cat'",
		"select pg_read_file('pg_hba.conf')",
	];
	const told = await outcomes(database.config, refused);
	// PostgreSQL only warns where there is no right to pass on.
	const warned = 'grant truncate on users to current_user with grant option';
	t.deepEqual(told, {...all(refused, '42501'), [warned]: told[warned] ?? ''});
	t.deepEqual(await outcomes(database.config, ['truncate users']), {'truncate users': '42501'});
});

test('S-65: on audit tables the role of the programs adds and reads, and no more', async (t) => {
	const empty = await newDatabase({isMigrated: false});
	const directory = await folderOf({
		'0001_audit.sql': `create table audit_entries (id integer primary key);
			create table audit_signed_heads (id integer primary key);
			create table audit_heads (id integer primary key); insert into audit_heads values (1);
			create function move_head() returns trigger language plpgsql security definer set search_path = public, pg_temp
			as $$ begin update audit_heads set id = new.id; return null; end $$;
			create trigger move_head after insert on audit_entries for each row execute function move_head();`,
	});
	await migrate({
		database: empty.ownerConfig,
		application: {name: application, password: undefined},
		directory,
		log,
	});
	const done = ['audit_entries', 'audit_signed_heads'].flatMap((table) => [
		`insert into ${table} values (7)`,
		`select * from ${table}`,
	]);
	t.deepEqual(await outcomes(empty.config, done), all(done, 'done'));
	t.deepEqual(await ownerSees(empty, 'select id from audit_heads'), [{id: 7}], 'by the trigger');
	const refused = [
		...['audit_entries', 'audit_signed_heads', 'audit_heads'].flatMap((table) => [
			`update ${table} set id = 2`,
			`delete from ${table}`,
			`truncate ${table}`,
			`select * from ${table} for update`,
			`insert into ${table} values (1) on conflict (id) do update set id = 2`,
		]),
		'insert into audit_heads values (2)',
	];
	t.deepEqual(await outcomes(empty.config, refused), all(refused, '42501'));
	t.deepEqual(await ownerSees(empty, 'select id from audit_entries'), [{id: 7}]);
});

test('S-65: rights are exactly those of the table’s class, and PUBLIC has none', async (t) => {
	const granted = await ownerSees<{name: string; rights: string[]; toAll: boolean}>(
		database,
		`select relname as name,
			array(select p from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p
				where has_table_privilege('${application}', c.oid, p)) as rights,
			exists (select from aclexplode(relacl) where grantee = 0) as "toAll"
		from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
	);
	const classes: Record<string, string[]> = {
		ordinary: ['select', 'insert', 'update', 'delete'],
		appendOnly: ['select', 'insert'],
		readOnly: ['select'],
		none: [],
	};
	const access: Record<string, string> = tableAccess;
	t.true(granted.length > 10);
	for (const {name, rights, toAll} of granted) {
		t.deepEqual(rights, classes[access[name] ?? 'none'], name);
		t.false(toAll, name);
	}
	t.deepEqual(
		await ownerSees(
			database,
			`select has_database_privilege('${application}', current_database(), 'connect') as connect,
				has_database_privilege('${application}', current_database(), 'create, temporary') as make,
				has_schema_privilege('${application}', 'public', 'create') as "makeInSchema"`,
		),
		[{connect: true, make: false, makeInSchema: false}],
	);
});

async function withoutClass(one: TestDatabase): Promise<string[]> {
	const tables = await ownerSees<{name: string}>(
		one,
		`select relname as name from pg_class where relnamespace = 'public'::regnamespace
			and relkind in ('r', 'p', 'v', 'm', 'f') and not relispartition`,
	);
	return tables.map(({name}) => name).filter((name) => !Object.hasOwn(tableAccess, name));
}

test('S-65: every table has a class (core/db/grants.ts)', async (t) => {
	t.deepEqual(await withoutClass(database), []);
	const other = await newDatabase();
	await ownerSees(other, 'create table newcomer (id integer)');
	t.deepEqual(await withoutClass(other), ['newcomer'], 'this test sees one without');
});

test('S-65: what runs as the owner looks names up in no schema of the caller’s, and takes little', async (t) => {
	const definers = await ownerSees<{name: string; config: string[] | null; toAll: boolean}>(
		database,
		`select proname as name, proconfig as config,
			exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0) as "toAll"
		from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`,
	);
	t.true(definers.some(({name}) => name === 'keep_usage_partitions'));
	for (const {name, config, toAll} of definers) {
		t.regex(config?.join() ?? '', /^search_path=(?:pg_catalog, )?public, pg_temp$/, name);
		t.false(toAll, name);
	}
	const refused = [
		'select keep_usage_partitions(25, 4, 400, 8)',
		'select keep_usage_partitions(0, 4, 400, 8)',
		'select keep_usage_partitions(4, 32, 400, 8)',
		'select keep_usage_partitions(4, 0, 400, 8)',
		'select keep_usage_partitions(4, 4, 30, 8)',
		'select keep_usage_partitions(4, 4, 3651, 8)',
		'select keep_usage_partitions(4, 4, 400, 7)',
		'select keep_usage_partitions(4, 4, 400, 3651)',
		'select keep_usage_partitions(null, 4, 400, 8)',
		'select keep_usage_partitions(4, 4, null, 8)',
	];
	t.deepEqual(await outcomes(database.config, refused), all(refused, '22023'));
});

test('migrating again changes no right; what was given besides is taken away, others keep theirs', async (t) => {
	const one = await newDatabase();
	const reader = newRole();
	await asAdmin(`create role ${reader}`);
	const rights = () =>
		ownerSees(
			one,
			"select relname, array(select unnest(relacl)::text order by 1) as rights from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
		);
	await ownerSees(one, `grant select on organisations to ${reader}`);
	const before = await rights();
	await migrateDatabase(one.ownerConfig, application);
	t.deepEqual(await rights(), before);
	await ownerSees(one, `grant truncate, trigger on users to ${application}`);
	await ownerSees(one, `grant update (name) on knex_migrations to ${application}`);
	await ownerSees(one, 'grant select on users to public');
	await ownerSees(one, 'grant create on schema public to public');
	t.notDeepEqual(await rights(), before);
	await migrateDatabase(one.ownerConfig, application);
	t.deepEqual(await rights(), before);
	const refused = ['create table extra ()', "update knex_migrations set name = 'x'"];
	t.deepEqual(await outcomes(one.config, refused), all(refused, '42501'));
});

test('one role for everything works, and migrate says what that means', async (t) => {
	const one = await newDatabase({isMigrated: false});
	const {LATCHKEY_DATABASE_MIGRATION_USER: role = '', ...rest} = one.env;
	const env = {...rest, LATCHKEY_DATABASE_USER: role};
	const redis = await createRedis();
	const appliance = await createAppliance({
		env: {...env, ...redis.env},
		database: one.ownerConfig,
		redis: redis.config,
		close: redis.stop,
	});
	t.teardown(appliance.stop);
	const {LATCHKEY_REDIS_URL: _, ...forMigrate} = appliance.env;
	const first = startProgram(['migrate'], forMigrate);
	t.is(await first.exited, 0, first.output());
	t.regex(first.output(), /"level":"warn".*only the hash chain protects what was audited/);
	const server = await appliance.startServer();
	const jwt = await server.logIn();
	const {id} = await defaultOrganisation(server, jwt);
	const {key} = await makeKey(server, jwt, id);
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
});

test('with two roles migrate says nothing of the kind', async (t) => {
	const one = await newDatabase({isMigrated: false});
	const {exited, output} = startProgram(['migrate'], await forMigrate(one));
	t.is(await exited, 0, output());
	t.notRegex(output(), /"level":"warn"/);
});

test('a password of the migrations without their role is a fault', async (t) => {
	const {LATCHKEY_DATABASE_MIGRATION_USER: _, ...env} = await forMigrate(database);
	const {exited, output} = startProgram(['migrate'], {
		...env,
		LATCHKEY_DATABASE_MIGRATION_PASSWORD: 'a password of its own',
	});
	t.is(await exited, 78);
	t.regex(output(), /LATCHKEY_DATABASE_MIGRATION_USER: missing; give it with/);
	t.false(output().includes('a password of its own'));
});

test('a role of the programs that is missing is made, where that may be', async (t) => {
	const one = await newDatabase({isMigrated: false});
	const role = newRole();
	const env = {
		...(await forMigrate(one)),
		LATCHKEY_DATABASE_USER: role,
		LATCHKEY_DATABASE_PASSWORD: 'a password of its own',
	};
	const refused = startProgram(['migrate'], env);
	t.is(await refused.exited, 1);
	t.regex(
		refused.output(),
		new RegExp(`role ${role}.* does not exist, and ${owner} may not make it`),
	);
	t.true(refused.output().includes(`create role ${role} login password '…';`));
	t.deepEqual(
		await ownerSees(one, "select to_regclass('instance_settings') as there"),
		[{there: null}],
		'nothing was migrated',
	);

	const maker = newRole();
	await asAdmin(`create role ${maker} login createrole`);
	await asAdmin(`grant create on schema public to ${maker}`, one.name);
	await asAdmin(`alter database ${one.name} owner to ${maker}`);
	const made = startProgram(['migrate'], {...env, LATCHKEY_DATABASE_MIGRATION_USER: maker});
	t.is(await made.exited, 0, made.output());
	t.false(`${refused.output()}${made.output()}`.includes('a password of its own'));
	const working = ['select * from organisations', 'select name from knex_migrations'];
	t.deepEqual(await outcomes({...one.config, user: role}, working), all(working, 'done'));
	await one.drop();
});

test('migrating as the role of the programs is refused, naming the one that may', async (t) => {
	const {LATCHKEY_DATABASE_MIGRATION_USER: _, ...env} = await forMigrate(await newDatabase());
	const {exited, output} = startProgram(['migrate'], env);
	t.is(await exited, 1);
	t.regex(output(), new RegExp(`LATCHKEY_DATABASE_MIGRATION_USER=${owner}`));
});

test('a role that may make no table is told what it lacks', async (t) => {
	const one = await newDatabase({isMigrated: false});
	const role = newRole();
	await asAdmin(`create role ${role} login`);
	const error = await t.throwsAsync(
		migrate({database: {...one.config, user: role}, directory: migrationsDirectory, log}),
		{instanceOf: SchemaError},
	);
	t.true(error?.message.includes(`grant create on schema public to ${role};`));
});

for (const [what, prepare, remedy] of [
	['is a superuser', 'alter role ROLE superuser', 'alter role ROLE nosuperuser'],
	['makes roles', 'alter role ROLE createrole', 'alter role ROLE nosuperuser nocreaterole'],
	['may become the owner', `grant ${owner} to ROLE`, `revoke ${owner} from ROLE;`],
	['writes everywhere', 'grant pg_write_all_data to ROLE', 'revoke pg_write_all_data from ROLE;'],
	[
		'owns the database',
		`alter database NAME owner to ROLE; grant connect on database NAME to ${owner}; grant create on schema public to ${owner}`,
		`alter database NAME owner to ${owner};`,
	],
	[
		'owns the schema',
		`alter schema public owner to ROLE; grant create, usage on schema public to ${owner}`,
		`alter schema public owner to ${owner};`,
	],
	[
		'owns a table',
		'create table extra (); alter table extra owner to ROLE',
		'reassign owned by ROLE',
	],
] as const) {
	test(`S-65: a role of the programs that ${what} is refused, with the SQL that ends it`, async (t) => {
		const one = await newDatabase();
		const role = newRole();
		const named = (text: string) => text.replaceAll('ROLE', role).replaceAll('NAME', one.name);
		await asAdmin(`create role ${role} login`);
		await asAdmin(named(prepare), one.name);
		const again = () => migrateDatabase(one.ownerConfig, role);
		const error = await t.throwsAsync(again(), {instanceOf: SchemaError});
		t.true(error?.message.includes(named(remedy)), error?.message);
		t.deepEqual(
			await ownerSees(
				one,
				`select has_table_privilege('${application}', 'users', 'select') as same`,
			),
			[{same: true}],
			'nothing was changed',
		);
		for (const statement of (error?.message ?? '').match(/^ {2}.*;$/gm) ?? []) {
			await asAdmin(statement, one.name);
		}
		await t.notThrowsAsync(again());
		await one.drop();
	});
}

test('a login is made with the password, which PostgreSQL is not told', async (t) => {
	const postgres = await createPostgres();
	t.teardown(postgres.stop);
	const verifier = passwordVerifier('pässword, ½ of it');
	t.regex(verifier, /^SCRAM-SHA-256\$4096:/);
	await withClient(postgres.adminConfig, async (admin) => {
		await admin.query(`create role someone login password ${pg.escapeLiteral(verifier)}`);
		await admin.query('grant connect on database latchkey to someone');
		const {rows} = await admin.query<{file: string}>("select current_setting('hba_file') as file");
		const file = rows[0]?.file ?? '';
		const rules = await readFile(file, 'utf8');
		await writeFile(file, `local all someone scram-sha-256\n${rules}`);
		await admin.query('select pg_reload_conf()');
	});
	const logIn = (password: string) =>
		withClient({...postgres.adminConfig, user: 'someone', password}, (client) =>
			client.query('select current_user as who'),
		);
	await t.throwsAsync(logIn('another'), {code: '28P01'});
	t.deepEqual((await logIn('pässword, ½ of it')).rows, [{who: 'someone'}]);
});

async function forMigrate(one: TestDatabase): Promise<Record<string, string>> {
	const directory = await mkdtemp(path.join(testServices().directory, 'secrets-'));
	await createSecrets(directory, {names: ['encryption_key']});
	return {
		...one.env,
		LATCHKEY_SECRETS_DIR: directory,
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
	};
}

async function folderOf(files: Record<string, string>): Promise<string> {
	const folder = await mkdtemp(path.join(testServices().directory, 'migrations-'));
	for (const [name, sql] of Object.entries(files)) await writeFile(path.join(folder, name), sql);
	return folder;
}
