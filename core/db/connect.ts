import knex, {type Knex} from 'knex';
import pg from 'pg';
import type {DatabaseConfig} from '../config/config.ts';
import type {Log} from '../log.ts';

/**
 * Bounds of every statement on the request path, in milliseconds. node-postgres waits for ever by
 * default: with these a stopped PostgreSQL is answered for in at most 1.5 s.
 */
const connectTimeoutMs = 700;
const statementTimeoutMs = 900;
const queryTimeoutMs = 1000;
const acquireTimeoutMs = 1200;

export type Bounds = {statementTimeoutMs?: number; queryTimeoutMs?: number};

export function connectionSettings(config: DatabaseConfig, name: string): pg.ClientConfig {
	return {
		host: config.host,
		port: config.port,
		database: config.database,
		user: config.user,
		password: config.password,
		ssl: config.ssl,
		application_name: `latchkey-${name}`,
		connectionTimeoutMillis: connectTimeoutMs,
		// A pooler refuses settings of a session; the bound on our side stays.
		...(config.isPooled
			? {}
			: {statement_timeout: statementTimeoutMs, idle_in_transaction_session_timeout: 10_000}),
		query_timeout: queryTimeoutMs,
		keepAlive: true,
		keepAliveInitialDelayMillis: 10_000,
	};
}

/** The pool behind management calls and the worker. Statements over their bound fail, see above. */
export function connectDatabase(config: DatabaseConfig, name: string, bounds: Bounds = {}): Knex {
	const connections = new Map<string, PooledClient>();
	const stuck = new WeakSet<PooledClient>();
	const db = knex({
		client: 'pg',
		connection: {
			...connectionSettings(config, name),
			...(config.isPooled
				? {}
				: {statement_timeout: bounds.statementTimeoutMs ?? statementTimeoutMs}),
			query_timeout: bounds.queryTimeoutMs ?? queryTimeoutMs,
		} as Knex.PgConnectionConfig,
		pool: {
			min: 0,
			max: config.poolMax,
			idleTimeoutMillis: 30_000,
			afterCreate(connection: PooledClient, done: (error: null, made: PooledClient) => void) {
				connections.set(connection.__knexUid, connection);
				connection.once('end', () => connections.delete(connection.__knexUid));
				done(null, connection);
			},
			validate: (connection: PooledClient) => !stuck.has(connection),
		},
		acquireConnectionTimeout: acquireTimeoutMs,
		// An error of Knex holds the statement with its values; the log serialiser drops them, and
		// nothing prints by itself.
		log: {warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {}},
	});
	// PostgreSQL ends a slow statement before our bound does: past it nobody is there. Knex would put
	// the connection back for the next request to wait on, and wait for a rollback itself.
	db.on('query-error', (error: Error, {__knexUid}: {__knexUid: string}) => {
		const connection = connections.get(__knexUid);
		if (connection === undefined || !error.message.endsWith('Query read timeout')) return;
		stuck.add(connection);
		void connection.end();
	});
	return db;
}

/** A connection with the name that Knex gives it. */
type PooledClient = pg.Client & {__knexUid: string};

/**
 * The pool of the verification statement alone: management calls cannot use up its connections,
 * and its one statement stays prepared.
 */
export function connectVerification(config: DatabaseConfig, name: string, log: Log): pg.Pool {
	const pool = new pg.Pool({
		...connectionSettings(config, `${name}-verify`),
		max: Math.max(2, Math.ceil(config.poolMax / 2)),
		idleTimeoutMillis: 30_000,
	});
	// Without a listener a connection that PostgreSQL ends while idle takes the process down.
	pool.on('error', (error) => log.warn({error}, 'an idle connection to PostgreSQL was lost'));
	return pool;
}

/** Whether a fault is PostgreSQL being away, stopped, full or read-only: worth a 503 and a retry. */
export function isUnavailable(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const code = 'code' in error ? String(error.code) : '';
	if (/^(08|53|57P|58)/.test(code) || /^(25006|3D000|55000|55P03|57014)$/.test(code)) return true;
	// EAGAIN: the queue of a unix socket is full, as that of a stopped PostgreSQL is after a while.
	if (
		/^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EAGAIN|EACCES)/.test(
			code,
		)
	)
		return true;
	return (
		error.name === 'KnexTimeoutError' ||
		/timeout|Connection terminated|not queryable|Client has encountered a connection error|Unable to acquire/i.test(
			error.message,
		)
	);
}

/** Whether a fault is a value that PostgreSQL does not take (class 22): the caller's mistake. */
export function isBadValue(error: unknown): boolean {
	return error instanceof Error && 'code' in error && /^22[0-9A-Z]{3}$/.test(String(error.code));
}
