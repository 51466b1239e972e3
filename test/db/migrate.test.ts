import {spawn, type ChildProcess} from 'node:child_process';
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {PassThrough} from 'node:stream';
import test from 'ava';
import type {Knex} from 'knex';
import {connectDatabase} from '../../core/db/connect.ts';
import {migrate, schemaState} from '../../core/db/migrate.ts';
import {SchemaError} from '../../core/db/schema-error.ts';
import {createLog} from '../../core/log.ts';
import {waitForSchema} from '../../core/start.ts';
import {createSecrets} from '../../deploy/secrets.ts';
import {testServices} from '../helpers/environment.ts';
import {migrateDatabase, migrationsDirectory} from '../helpers/migrate.ts';
import {eventually, startProgram} from '../helpers/program.ts';
import {createDatabase, type TestDatabase} from '../helpers/services.ts';

const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});
const databases: TestDatabase[] = [];

test.after.always(() => Promise.all(databases.map((database) => database.drop())));

async function emptyDatabase(): Promise<TestDatabase> {
	const database = await createDatabase({isMigrated: false});
	databases.push(database);
	return database;
}

/** In the role that owns the schema, unless another is given. */
async function withDatabase<T>(
	database: TestDatabase,
	work: (db: Knex) => Promise<T>,
	config = database.ownerConfig,
): Promise<T> {
	const db = connectDatabase(config, 'test');
	try {
		return await work(db);
	} finally {
		await db.destroy();
	}
}

/** Variables of a program, with secrets of its own unless given. */
async function environment(database: TestDatabase, secretsDirectory?: string) {
	const directory = secretsDirectory ?? (await newSecrets());
	return {
		...database.env,
		LATCHKEY_SECRETS_DIR: directory,
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
	};
}

async function newSecrets(): Promise<string> {
	const directory = await mkdtemp(path.join(testServices().directory, 'secrets-'));
	await createSecrets(directory, {names: ['encryption_key', 'setup_token']});
	return directory;
}

async function folderOf(files: Record<string, string>): Promise<string> {
	const folder = await mkdtemp(path.join(testServices().directory, 'migrations-'));
	for (const [name, sql] of Object.entries(files)) await writeFile(path.join(folder, name), sql);
	return folder;
}

async function applied(database: TestDatabase): Promise<string[]> {
	return withDatabase(database, async (db) => {
		const answer = await db.raw<{rows: {name: string}[]}>(
			'select name from knex_migrations order by id',
		);
		return answer.rows.map(({name}) => name);
	});
}

const masterKeys = 'create table master_keys (id bytea primary key);';

test('three migrators at once on an empty database all end well, each file applied once', async (t) => {
	const database = await emptyDatabase();
	const env = await environment(database);
	const migrators = Array.from({length: 3}, () => startProgram(['migrate'], env));
	t.deepEqual(await Promise.all(migrators.map(({exited}) => exited)), [0, 0, 0]);
	const files = (await readdir(migrationsDirectory)).toSorted();
	t.deepEqual(
		await applied(database),
		files.map((file) => file.replace(/\.sql$/, '')),
	);
	const one = migrators.filter((migrator) => migrator.output().includes('the schema was migrated'));
	t.is(one.length, 1);
});

test('a migrator killed in the middle of a statement is followed by one that succeeds', async (t) => {
	const database = await emptyDatabase();
	const env = await environment(database);
	const folder = await folderOf({
		'0001_first.sql': `${masterKeys} create table first (id integer);`,
		'0002_slow.sql': 'create table slow (id integer); select pg_sleep(600);',
	});
	const killed = runMigrator(folder, env);
	await eventually(() => isRunning(database, '%pg_sleep%'), {what: 'the slow migration to run'});
	killed.kill('SIGKILL');
	await writeFile(path.join(folder, '0002_slow.sql'), 'create table slow (id integer);');
	const startedAt = performance.now();
	t.is(await ended(runMigrator(folder, env)), 0);
	t.log(`the next one was done ${Math.round(performance.now() - startedAt)} ms later`);
	t.deepEqual(await applied(database), ['0001_first', '0002_slow']);
	t.false(await isRunning(database, '%pg_sleep%'), 'the statement of the dead one was ended');
});

test('a migrator that loses its connection fails, and the next one succeeds', async (t) => {
	const database = await emptyDatabase();
	const folder = await folderOf({
		'0001_slow.sql': 'create table slow (id integer); select pg_sleep(600);',
	});
	const broken = migrate({database: database.ownerConfig, directory: folder, log});
	await eventually(() => isRunning(database, '%pg_sleep%'), {what: 'the slow migration to run'});
	await withDatabase(database, (db) =>
		db.raw(
			"select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()",
		),
	);
	await t.throwsAsync(broken);
	await writeFile(path.join(folder, '0001_slow.sql'), 'create table slow (id integer);');
	t.deepEqual(await migrate({database: database.ownerConfig, directory: folder, log}), [
		'0001_slow',
	]);
});

test('a migration that fails leaves nothing behind', async (t) => {
	const database = await emptyDatabase();
	const folder = await folderOf({
		'0001_first.sql': 'create table first (id integer);',
		'0002_broken.sql': 'create table second (id integer); select 1 / 0;',
	});
	await t.throwsAsync(migrate({database: database.ownerConfig, directory: folder, log}));
	await writeFile(path.join(folder, '0002_broken.sql'), 'create table second (id integer);');
	await migrate({database: database.ownerConfig, directory: folder, log});
	t.deepEqual(await applied(database), ['0001_first', '0002_broken']);
});

test('a migration in parts goes on outside of a transaction, and is done again where it was broken off', async (t) => {
	const database = await emptyDatabase();
	const parts = (last: string) =>
		[
			'create table if not exists first (id integer);',
			'drop index concurrently if exists first_idx;',
			'create index concurrently first_idx on first (id);',
			last,
		].join('\n-- next\n');
	const folder = await folderOf({
		'0001_one.sql': 'create table one (id integer);',
		'0002_parts.sql': parts('create table last (id integer); select 1 / 0;'),
		'0003_three.sql': 'create table three (id integer);',
		'0004_broken.sql': 'select 1 / 0;',
	});
	const options = {database: database.ownerConfig, directory: folder, log};
	await t.throwsAsync(migrate(options));
	t.deepEqual(await applied(database), ['0001_one'], 'what came before is noted');
	await writeFile(path.join(folder, '0002_parts.sql'), parts('create table last (id integer);'));
	await t.throwsAsync(migrate(options));
	t.deepEqual(await applied(database), ['0001_one', '0002_parts'], 'and what came after is undone');
	await writeFile(path.join(folder, '0004_broken.sql'), 'create table four (id integer);');
	t.deepEqual(await migrate(options), ['0003_three', '0004_broken']);
	t.deepEqual(await migrate(options), []);
});

test('a lock row that a dead migrator left is freed', async (t) => {
	const database = await emptyDatabase();
	const folder = await folderOf({'0001_first.sql': 'create table first (id integer);'});
	const options = {database: database.ownerConfig, directory: folder, log};
	await migrate(options);
	await withDatabase(database, (db) => db.raw('update knex_migrations_lock set is_locked = 1'));
	await writeFile(path.join(folder, '0002_second.sql'), 'create table second (id integer);');
	t.deepEqual(await migrate(options), ['0002_second']);
});

test('a migrator that waits too long for another one says where to look', async (t) => {
	const database = await emptyDatabase();
	const folder = await folderOf({'0001_slow.sql': 'select pg_sleep(600);'});
	const options = {database: database.ownerConfig, directory: folder, log};
	const first = migrate(options);
	await eventually(() => isRunning(database, '%pg_sleep%'));
	const error = await t.throwsAsync(migrate({...options, waitMs: 300}), {instanceOf: SchemaError});
	t.regex(error?.message ?? '', /another migration is still running; look at pg_stat_activity/);
	await withDatabase(database, (db) =>
		db.raw(
			"select pg_cancel_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()",
		),
	);
	await t.throwsAsync(first);
});

test('a program waits for the migrations of its version', async (t) => {
	const database = await emptyDatabase();
	const work = async (db: Knex) => {
		const error = await t.throwsAsync(waitForSchema(db, migrationsDirectory, log, 100), {
			instanceOf: SchemaError,
		});
		t.regex(error?.message ?? '', /migrations are missing: 0001_init.*; run latchkey migrate/);
		const waiting = waitForSchema(db, migrationsDirectory, log);
		await migrateDatabase(database.ownerConfig, database.config.user);
		await t.notThrowsAsync(waiting);
		t.deepEqual(await schemaState(db, migrationsDirectory), {missing: [], newer: []});
	};
	await withDatabase(database, work, database.config);
});

test('a program starts on a newer schema, with a warning', async (t) => {
	const database = await createDatabase();
	databases.push(database);
	const lines = new PassThrough({encoding: 'utf8'});
	const warnings = createLog({program: 'test', logLevel: 'warn', keyPrefix: 'hklst_'}, lines);
	await withDatabase(database, async (db) => {
		await db.raw(
			"insert into knex_migrations (name, batch, migration_time) values ('9999_future', 9, now())",
		);
		await waitForSchema(db, migrationsDirectory, warnings);
	});
	t.like(JSON.parse(String(lines.read())), {level: 'warn', newer: ['9999_future']});
});

test('secrets of another installation are refused before anything is migrated', async (t) => {
	const database = await emptyDatabase();
	const own = await environment(database);
	const folder = await folderOf({'0001_first.sql': masterKeys});
	t.is(await ended(runMigrator(folder, own)), 0);
	t.is(
		await startProgram(['migrate'], {...own, LATCHKEY_SECRETS_DIR: await newSecrets()}).exited,
		78,
	);
	t.deepEqual(await applied(database), ['0001_first'], 'nothing was migrated');
});

test('S-95: another master key ends a program with 78 and says what to do', async (t) => {
	const database = await emptyDatabase();
	const env = {...(await environment(database)), LATCHKEY_REDIS_URL: 'unix:///nowhere.sock'};
	const {LATCHKEY_REDIS_URL: _, ...withoutRedis} = env;
	t.is(await startProgram(['migrate'], withoutRedis).exited, 0);
	t.is(await startProgram(['migrate'], withoutRedis).exited, 0, 'the same ones are taken again');
	await rm(path.join(env.LATCHKEY_SECRETS_DIR, 'encryption_key'), {force: true});
	await createSecrets(env.LATCHKEY_SECRETS_DIR, {names: ['encryption_key']});
	const programs = {
		migrate: startProgram(['migrate'], withoutRedis),
		server: startProgram(['server'], env),
		worker: startProgram(['worker'], env),
	};
	for (const [name, program] of Object.entries(programs)) {
		t.is(await program.exited, 78, name);
		t.regex(
			program.output(),
			/^encryption_key is not the one this database was set up with\. Put the old secrets volume back/m,
			name,
		);
	}
});

function runMigrator(folder: string, env: Record<string, string>): ChildProcess {
	const program = path.join(import.meta.dirname, '..', 'helpers', 'migrator.js');
	return spawn(process.execPath, [program, folder], {
		env: {...process.env, ...env},
		stdio: 'ignore',
	});
}

function ended(child: ChildProcess): Promise<number | null> {
	return new Promise((resolve) => child.once('close', resolve));
}

function isRunning(database: TestDatabase, query: string): Promise<boolean> {
	return withDatabase(database, async (db) => {
		const answer = await db.raw<{rows: unknown[]}>(
			"select from pg_stat_activity where datname = current_database() and state = 'active' and pid <> pg_backend_pid() and query like ?",
			[query],
		);
		return answer.rows.length > 0;
	});
}
