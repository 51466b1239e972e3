import knex, {type Knex} from 'knex';
import type {DatabaseConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {gateTo} from './gate.ts';
import {isLast, SessionPool} from './pool.ts';
import {openDatabaseSession} from './session.ts';

/**
 * Bound of every statement on the request path where no setting says another, in milliseconds.
 * node-postgres waits for ever by default: with it a stopped PostgreSQL is answered for in time.
 */
const usualStatementTimeoutMs = 900;
/** So much longer is waited for a PostgreSQL that does not end a statement itself. */
const graceMs = 100;

const statementTimeoutOf = ({statementTimeoutMs = usualStatementTimeoutMs}: DatabaseConfig) =>
	statementTimeoutMs;

/** Longest wait of a request for a connection; how long PostgreSQL may take to make one is a setting. */
export function requestWaitMs(config: DatabaseConfig): number {
	return (statementTimeoutOf(config) * 4) / 3;
}

/** The same of a check, of which a statement makes the rest: 1.5 s together, unless the setting says else. */
function verificationWaitMs(config: DatabaseConfig): number {
	return (statementTimeoutOf(config) * 5) / 9;
}

export type Bounds = {
	statementTimeoutMs?: number;
	queryTimeoutMs?: number;
	/** Longest wait for a connection: by default what making one and a statement may take. */
	waitMs?: number;
};

function pool(
	config: DatabaseConfig,
	name: string,
	options: {max: number; keepsOne: boolean; log?: Log; bounds?: Bounds},
): SessionPool {
	const {max, keepsOne, log, bounds = {}} = options;
	const statementTimeoutMs = statementTimeoutOf(config);
	const queryTimeoutMs = statementTimeoutMs + graceMs;
	const {waitMs = config.connectTimeoutMs + queryTimeoutMs, ...given} = bounds;
	const sessionBounds = {
		statementTimeoutMs,
		queryTimeoutMs,
		idleInTransactionTimeoutMs: 10_000,
		...given,
	};
	return new SessionPool({
		connect: () => openDatabaseSession(config, name, sessionBounds),
		gate: gateTo(config),
		max,
		keepsOne,
		waitMs,
		...(log === undefined ? {} : {log}),
	});
}

/** The pool behind management calls and the worker. Statements over their bound fail, see above. */
export function connectDatabase(config: DatabaseConfig, name: string, bounds: Bounds = {}): Knex {
	const sessions = pool(config, name, {max: config.poolMax, keepsOne: false, bounds});
	const db = knex({
		client: 'pg',
		connectionPool: sessions,
		// An error of Knex holds the statement with its values; the log serialiser drops them, and
		// nothing prints by itself.
		log: {warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {}},
	});
	// PostgreSQL ends a slow statement before our bound does: past it nobody is there. Knex would put
	// the connection back for the next request to wait on, and wait for a rollback itself.
	db.on('query-error', (error: Error, {__knexUid}: {__knexUid: string}) => {
		if (isLast(error)) sessions.discard(__knexUid);
	});
	// Knex leaves a pool alone that it did not make.
	const leave = db.destroy.bind(db);
	return Object.defineProperty(db, 'destroy', {
		async value() {
			await sessions.destroy();
			await leave();
		},
	});
}

/** The sessions that a database is reached by, for statements that stay prepared on them. */
export function sessionsOf(db: Knex): Pick<SessionPool, 'query'> {
	return (db.client as {pool: SessionPool}).pool;
}

/**
 * The pool of the verification statement alone: management calls cannot use up its connections,
 * its one statement stays prepared, and one connection is always open.
 */
export function connectVerification(config: DatabaseConfig, name: string, log: Log): SessionPool {
	const max = Math.max(2, Math.ceil(config.poolMax / 2));
	const bounds = {waitMs: verificationWaitMs(config)};
	return pool(config, `${name}-verify`, {max, keepsOne: true, log, bounds});
}
