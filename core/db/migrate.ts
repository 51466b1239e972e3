import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import type {DatabaseConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {connectDatabase} from './connect.ts';
import {isAway} from './faults.ts';
import {grantApplication} from './grants.ts';
import {ensureApplicationRole, requireOwner, type ApplicationRole} from './roles.ts';
import {SchemaError} from './schema-error.ts';

/** Session advisory lock of migrations: any number, the same in every version of Latchkey. */
const lockId = 7_355_608_211;
const lowestPostgres = 15;

export type MigrateOptions = {
	/** Of the role that owns the schema. */
	database: DatabaseConfig;
	/** Given what it needs; absent where the owner itself is the application's role. */
	application?: ApplicationRole | undefined;
	/** Folder of the numbered .sql files. */
	directory: string;
	log: Log;
	/** How long to wait for PostgreSQL and for another migrator, in milliseconds. */
	waitMs?: number;
};

/**
 * Brings the schema up to date. Safe to start any number of times at once, and to kill at any
 * moment: one session-level advisory lock on the connection that migrates; files are in one transaction,
 * or in parts that can be done again. The lock is not taken inside a transaction, which would deadlock
 * with `create index concurrently`. What the application's role may do is granted in the transaction of
 * each file, so that no program meets a schema that it may not read, and once more at the end.
 *
 * @returns the names of the migrations that were applied now
 * @throws {SchemaError} when PostgreSQL is too old or another migrator does not end, and where a
 * role may do too little or too much
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
	const {log, directory, application} = options;
	const deadline = performance.now() + (options.waitMs ?? 120_000);
	// One connection: if it breaks, the lock and the running migration go together.
	const db = connectDatabase({...options.database, poolMax: 1}, 'migrate', {
		statementTimeoutMs: 0,
		queryTimeoutMs: 0,
	});
	try {
		await waitForDatabase(db, deadline, log);
		await requireVersion(db);
		await notice(db);
		await acquireLock(db, deadline, log);
		await requireOwner(db);
		if (application !== undefined) await ensureApplicationRole(db, application);
		await db.raw("set lock_timeout = '5s'");
		const grant = async (transaction: Knex) => {
			if (application !== undefined) await grantApplication(transaction, application.name);
		};
		const files = await readMigrations(directory);
		const sourceOf = (some: readonly Migration[]) => ({migrationSource: sourceFrom(some, grant)});
		// We hold the lock, so a row that says otherwise was left behind by a migrator that died.
		await db.migrate.forceFreeMigrationsLock(sourceOf(files));
		const {missing} = await schemaState(db, directory);
		const applied: string[] = [];
		let left = files.filter(({name}) => missing.includes(name));
		do {
			left = left.slice(lengthOfBatch(left));
			const [, names] = (await db.migrate.latest(
				sourceOf(files.filter((file) => !left.includes(file))),
			)) as [number, string[]];
			applied.push(...names);
		} while (left.length > 0);
		await db.transaction(async (transaction) => {
			await requireLock(transaction);
			await grant(transaction);
		});
		return applied;
	} finally {
		await db.destroy();
	}
}

/**
 * Whether the schema fits this version.
 *
 * @returns migrations of this version that are missing, and ones applied that it does not know
 */
export async function schemaState(
	db: Knex,
	directory: string,
): Promise<{missing: string[]; newer: string[]}> {
	const known = await migrationNames(directory);
	// Until the first migration is done, its table is there and may not be read.
	const exists = await db.raw<{rows: {there: boolean | null}[]}>(
		"select has_table_privilege(to_regclass('knex_migrations'), 'select') as there",
	);
	if (!exists.rows[0]?.there) return {missing: known, newer: []};
	const applied = await db.raw<{rows: {name: string}[]}>('select name from knex_migrations');
	const names = new Set(applied.rows.map((row) => row.name));
	return {
		missing: known.filter((name) => !names.has(name)),
		newer: [...names].filter((name) => !known.includes(name)),
	};
}

type Migration = {name: string; parts: readonly string[]};

/**
 * Between parts of a file that is in no transaction: each is one statement, or several in a transaction
 * of their own. Whoever writes such a file sees to it that all of it can be done again.
 */
const betweenParts = /^-- next\n/m;

async function readMigrations(directory: string): Promise<Migration[]> {
	const names = await migrationNames(directory);
	return Promise.all(
		names.map(async (name) => {
			const file = await readFile(join(directory, `${name}.sql`), 'utf8');
			return {name, parts: file.replaceAll('?', '\\?').split(betweenParts)};
		}),
	);
}

/**
 * Of a batch that is in one transaction Knex notes in the same one what it has done, and of any other
 * afterwards. So a file in parts is a batch by itself.
 */
function lengthOfBatch(files: readonly Migration[]): number {
	const first = files.findIndex(({parts}) => parts.length > 1);
	return first < 0 ? files.length : Math.max(1, first);
}

/** Knex stores file names with their extension; these are the names without, the same from dist/. */
function sourceFrom(
	files: readonly Migration[],
	afterEach: (transaction: Knex) => Promise<void>,
): Knex.MigrationSource<Migration> {
	return {
		getMigrations: async () => [...files],
		getMigrationName: ({name}) => name,
		getMigration: async ({parts}) => {
			const isInParts = parts.length > 1;
			return {
				...(isInParts && {config: {transaction: false}}),
				up: async (db) => {
					await requireLock(db);
					for (const part of parts) await db.raw(part);
					await (isInParts ? db.transaction(afterEach) : afterEach(db));
				},
				down: async () => {
					throw new SchemaError('migrations go forward only');
				},
			};
		},
	};
}

async function migrationNames(directory: string): Promise<string[]> {
	const files = await readdir(directory);
	return files
		.filter((file) => /^\d{4}_\w+\.sql$/.test(file))
		.map((file) => file.slice(0, -'.sql'.length))
		.sort();
}

async function waitForDatabase(db: Knex, deadline: number, log: Log): Promise<void> {
	for (let attempt = 0; ; attempt++) {
		try {
			await db.raw('select 1');
			return;
		} catch (error) {
			if (!isAway(error) || performance.now() > deadline) throw error;
			if (attempt % 10 === 0) log.info({error}, 'waiting for PostgreSQL');
			await sleep(500);
		}
	}
}

async function requireVersion(db: Knex): Promise<void> {
	const answer = await db.raw<{rows: {server_version_num: string}[]}>('show server_version_num');
	const major = Math.floor(Number(answer.rows[0]?.server_version_num) / 10_000);
	if (major < lowestPostgres) {
		throw new SchemaError(`PostgreSQL ${major} is too old; ${lowestPostgres} or newer is needed`);
	}
}

/**
 * Has PostgreSQL notice within seconds that a migrator died, also in the middle of a long statement:
 * its transaction and its lock end then. Not every platform can; there the statement runs to its end.
 */
async function notice(db: Knex): Promise<void> {
	await db.raw("set client_connection_check_interval = '2s'").catch(() => {});
}

/** The lock goes with its connection, and Knex would go on with another one. */
async function requireLock(db: Knex): Promise<void> {
	const answer = await db.raw<{rows: {locked: boolean}[]}>(
		`select exists (
			select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted
				and ((classid::bigint << 32) | objid::bigint) = ?::bigint
		) as locked`,
		[lockId],
	);
	if (!answer.rows[0]?.locked) {
		throw new SchemaError('the connection to PostgreSQL broke in between; start again');
	}
}

async function acquireLock(db: Knex, deadline: number, log: Log): Promise<void> {
	for (let attempt = 0; ; attempt++) {
		const answer = await db.raw<{rows: {locked: boolean}[]}>(
			'select pg_try_advisory_lock(?::bigint) as locked',
			[lockId],
		);
		if (answer.rows[0]?.locked) return;
		if (performance.now() > deadline) {
			throw new SchemaError(
				'another migration is still running; look at pg_stat_activity for application latchkey-migrate',
			);
		}
		if (attempt % 25 === 0) log.info('waiting for another migration to end');
		await sleep(200);
	}
}
