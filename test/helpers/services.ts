import {randomBytes} from 'node:crypto';
import {chmod, mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import {Redis} from 'ioredis';
import pg from 'pg';
import type {DatabaseConfig, RedisConfig} from '../../core/config/config.ts';
import {startPostgres} from '../../deploy/embedded/postgres/postgres.ts';
import {startRedis} from '../../deploy/embedded/redis/redis.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {grantApplication} from '../../core/db/grants.ts';
import {testServices} from './environment.ts';
import {databaseConfig, migrateDatabase} from './migrate.ts';

/** Variables for a Latchkey process. */
export type ServiceEnvironment = Record<`LATCHKEY_${string}`, string>;

export type TestDatabase = {
	name: string;
	/** For code of core/ called in the test's own process: as the role of server and worker. */
	config: DatabaseConfig;
	/** The same as the role that owns the schema. */
	ownerConfig: DatabaseConfig;
	/** LATCHKEY_DATABASE_HOST, _PORT, _NAME, _USER and _MIGRATION_USER. */
	env: ServiceEnvironment;
	/** Connects as a superuser, for what the product's roles may not do. */
	adminConfig: pg.ClientConfig;
	/** Cuts every session and removes it. */
	drop: () => Promise<void>;
};

/** A fresh database on the shared cluster, migrated unless said otherwise, for one test file. */
export async function createDatabase({isMigrated = true} = {}): Promise<TestDatabase> {
	const {postgres} = testServices();
	const name = `test_${randomBytes(6).toString('hex')}`;
	await asAdmin(
		`CREATE DATABASE ${name} OWNER ${postgres.owner} TEMPLATE ${isMigrated ? postgres.template : 'template0'} STRATEGY file_copy`,
	);

	const config = databaseConfig(postgres, name);
	const ownerConfig = {...config, user: postgres.owner};
	// The rights in a database are copied with it, those to it are not.
	if (isMigrated) await grantAgain(ownerConfig, config.user);
	const {host, port, adminUser} = postgres;
	return {
		name,
		config,
		ownerConfig,
		env: databaseEnvironment(config, postgres.owner),
		adminConfig: {host, port, user: adminUser, database: name},
		async drop() {
			const isGone = () =>
				asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(
					() => true,
					(error: unknown) => {
						if (isInUse(error)) return false;
						throw error;
					},
				);
			for (let gone = false; !gone;) gone = await isGone();
		},
	};
}

export type TestRedis = {
	url: string;
	/** For code of core/ called in the test's own process. */
	config: RedisConfig;
	/** For `new Redis(settings)` of ioredis. */
	clientSettings: {path: string};
	/** LATCHKEY_REDIS_URL. */
	env: ServiceEnvironment;
	/** For SIGSTOP, SIGCONT and SIGKILL. */
	readonly pid: number;
	/** Starts it again at the same place after a stop or a kill: with its data if durable, else empty. */
	start: () => Promise<void>;
	stop: () => Promise<void>;
};

/** A Redis of its own for one test file. Stop it in `test.after.always`. */
export async function createRedis({durable = false} = {}): Promise<TestRedis> {
	const {directory, redisProgram: program} = testServices();
	const home = await mkdtemp(path.join(directory, 'redis-'));
	const redis = await startRedis({
		program,
		directory: path.join(home, 'data'),
		durable,
		logFile: path.join(home, 'log'),
	});
	return {
		url: redis.url,
		config: {
			address: {path: redis.socket},
			username: undefined,
			password: undefined,
			database: 0,
			tls: false,
			prefix: 'latchkey',
		},
		clientSettings: {path: redis.socket},
		env: {LATCHKEY_REDIS_URL: redis.url},
		get pid() {
			return redis.pid;
		},
		start: redis.start,
		stop: redis.stop,
	};
}

/** A client that nothing of the product is in the way of. */
export function connectPlainly({address}: RedisConfig): Redis {
	if (!('path' in address)) throw new Error('not the Redis of a test');
	return new Redis(address);
}

export type TestPostgres = {
	/** As the role of server and worker. */
	config: DatabaseConfig;
	/** LATCHKEY_DATABASE_HOST, _PORT, _NAME, _USER and _MIGRATION_USER. */
	env: ServiceEnvironment;
	adminConfig: pg.ClientConfig;
	/** Of the postmaster, for SIGSTOP, SIGCONT and SIGKILL; its backends are processes of their own. */
	readonly pid: number;
	/** Starts it again on the same data and socket, after a stop or a kill. */
	start: () => Promise<void>;
	stop: () => Promise<void>;
};

/** A migrated cluster of its own, for tests that stop or kill PostgreSQL. Stop it in `test.after.always`. */
export async function createPostgres({durable = false} = {}): Promise<TestPostgres> {
	const {directory, cache, runtime, postgresUser} = testServices();
	const home = await mkdtemp(path.join(directory, 'postgres-'));
	await chmod(home, 0o711);
	const postgres = await startPostgres({
		runtime,
		directory: home,
		user: postgresUser,
		durable,
		initdbCache: cache,
		logFile: path.join(home, 'log'),
	});
	const config = databaseConfig(postgres, postgres.database);
	await migrateDatabase({...config, user: postgres.owner}, config.user);
	const {host, port, adminUser, database} = postgres;
	return {
		config,
		env: databaseEnvironment(config, postgres.owner),
		adminConfig: {host, port, user: adminUser, database},
		get pid() {
			return postgres.pid;
		},
		start: postgres.start,
		stop: postgres.stop,
	};
}

async function grantAgain(owner: DatabaseConfig, application: string): Promise<void> {
	const db = connectDatabase({...owner, poolMax: 1}, 'test');
	try {
		await db.transaction((transaction) => grantApplication(transaction, application));
	} finally {
		await db.destroy();
	}
}

/** For any program: server and worker do not read what is for `migrate`. */
export function databaseEnvironment(
	{host, port, database, user}: DatabaseConfig,
	owner: string,
): ServiceEnvironment {
	return {
		LATCHKEY_DATABASE_HOST: host,
		LATCHKEY_DATABASE_PORT: String(port),
		LATCHKEY_DATABASE_NAME: database,
		LATCHKEY_DATABASE_USER: user,
		LATCHKEY_DATABASE_MIGRATION_USER: owner,
	};
}

/** PostgreSQL waits for the sessions that it cuts for five seconds only, however busy the machine. */
function isInUse(error: unknown): boolean {
	return error instanceof pg.DatabaseError && error.code === '55006';
}

async function asAdmin(statement: string) {
	const {host, port, adminUser: user} = testServices().postgres;
	const client = new pg.Client({host, port, user, database: 'postgres', query_timeout: 30_000});
	await client.connect();
	try {
		await client.query(statement);
	} finally {
		await client.end();
	}
}
