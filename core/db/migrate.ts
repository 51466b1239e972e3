import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import type {DatabaseConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {connectDatabase, isUnavailable} from './connect.ts';

/** Session advisory lock of migrations: any number, the same in every version of Latchkey. */
const lockId = 7_355_608_211;
const lowestPostgres = 15;

/** PostgreSQL cannot be used as it is; the message says what to do. */
export class SchemaError extends Error {}

export type MigrateOptions = {
	database: DatabaseConfig;
	/** Folder of the numbered .sql files. */
	directory: string;
	log: Log;
	/** How long to wait for PostgreSQL and for another migrator, in milliseconds. */
	waitMs?: number;
};

/**
 * Brings the schema up to date. Safe to start any number of times at once, and to kill at any
 * moment: one session-level advisory lock on the connection that migrates, each file in one
 * transaction. The lock is not taken inside a transaction, which would deadlock with
 * `create index concurrently`.
 *
 * @returns the names of the migrations that were applied now
 * @throws {SchemaError} when PostgreSQL is too old, stays away, or another migrator does not end
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
	const {log, directory} = options;
	const deadline = Date.now() + (options.waitMs ?? 120_000);
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
		await db.raw("set lock_timeout = '5s'");
		const settings = {migrationSource: sqlFiles(directory)};
		// We hold the lock, so a row that says otherwise was left behind by a migrator that died.
		await db.migrate.forceFreeMigrationsLock(settings);
		const [, applied] = (await db.migrate.latest(settings)) as [number, string[]];
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
	const exists = await db.raw<{rows: {there: boolean}[]}>(
		"select to_regclass('knex_migrations') is not null as there",
	);
	if (!exists.rows[0]?.there) return {missing: known, newer: []};
	const applied = await db.raw<{rows: {name: string}[]}>('select name from knex_migrations');
	const names = new Set(applied.rows.map((row) => row.name));
	return {
		missing: known.filter((name) => !names.has(name)),
		newer: [...names].filter((name) => !known.includes(name)),
	};
}

/** Knex stores file names with their extension; these are the names without, the same from dist/. */
function sqlFiles(directory: string): Knex.MigrationSource<string> {
	return {
		getMigrations: () => migrationNames(directory),
		getMigrationName: (name) => name,
		getMigration: async (name) => {
			const file = await readFile(join(directory, `${name}.sql`), 'utf8');
			const sql = file.replaceAll('?', '\\?');
			return {
				up: async (transaction) => {
					await requireLock(transaction);
					await transaction.raw(sql);
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
			if (!isUnavailable(error) || Date.now() > deadline) throw error;
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
		if (Date.now() > deadline) {
			throw new SchemaError(
				'another migration is still running; look at pg_stat_activity for application latchkey-migrate',
			);
		}
		if (attempt % 25 === 0) log.info('waiting for another migration to end');
		await sleep(200);
	}
}
