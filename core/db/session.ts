import {Socket} from 'node:net';
import pg from 'pg';
import type {DatabaseConfig} from '../config/config.ts';
import {ConnectError} from './faults.ts';
import {lookUp} from './lookup.ts';
import {databaseTlsFault} from '../tls-fault.ts';
import {reported, setUpSession, type SessionBounds} from './session-settings.ts';

/** A connection to PostgreSQL. */
export type DatabaseSession = pg.Client;

/**
 * Connects to PostgreSQL and sets what every session of ours rests on, whatever its database or role
 * was given of its own. Bounded by `config.connectTimeoutMs`, log-in included. Goes through no gate:
 * its callers do.
 *
 * @param name shown in pg_stat_activity as `latchkey-<name>`
 * @throws {ConnectError}
 */
export async function openDatabaseSession(
	config: DatabaseConfig,
	name: string,
	bounds: SessionBounds & {queryTimeoutMs: number},
): Promise<DatabaseSession> {
	const startedAt = performance.now();
	const session = new Client({
		host: config.host,
		port: config.port,
		database: config.database,
		user: config.user,
		password: config.readPassword ?? config.password,
		ssl: sslOf(config),
		application_name: `latchkey-${name}`,
		connectionTimeoutMillis: config.connectTimeoutMs,
		query_timeout: bounds.queryTimeoutMs,
		keepAlive: true,
		keepAliveInitialDelayMillis: 10_000,
		stream,
	});
	// What becomes of it later is for its owner to hear; a fault in between shows in what is awaited.
	const ignore = () => {};
	session.on('error', ignore);
	try {
		await session.connect();
		if (!config.isPooled) {
			const leftMs = config.connectTimeoutMs - (performance.now() - startedAt);
			await setUpSession(session, bounds, Math.max(1, leftMs));
		}
		return session;
	} catch (error) {
		destroy(session);
		throw ConnectError.of(error, databaseTlsFault(error));
	}
}

/** A copy for each use: node-postgres hides the private key in what it is given, also from copies. */
function sslOf({ssl, readTls}: DatabaseConfig): pg.ClientConfig['ssl'] {
	if (ssl === false) return false;
	const {ca, ...options} = readTls?.() ?? ssl;
	return {...options, ...(ca === undefined ? {} : {ca: [...ca]})};
}

/** Ends a connection without waiting for the other side, which may be stopped. */
export function destroy(session: DatabaseSession): void {
	session.on('error', () => {});
	const {connection} = session as unknown as {connection?: {stream?: {destroy: () => void}}};
	connection?.stream?.destroy();
}

type StartUp = {getStartupConf: () => Record<string, string>};
type Answered = (error: Error | null, answer?: {command: string}) => void;

class Client extends pg.Client {
	/** Says with the first packet what can be said there to PostgreSQL and to any pooler. */
	getStartupConf(): Record<string, string> {
		const base = pg.Client.prototype as unknown as StartUp;
		const {options: _fromEnvironment, ...rest} = base.getStartupConf.call(this);
		return {...rest, ...reported};
	}

	/**
	 * PostgreSQL answers the COMMIT of a transaction in which a statement failed with ROLLBACK, and
	 * no error: where that failure was caught on the way, what is undone would be taken for done.
	 */
	override query(...given: never[]): never {
		const ask = super.query.bind(this) as (...parameters: unknown[]) => never;
		const [statement, answered] = given as unknown as [{text?: string}, Answered?];
		if (statement.text !== commit || answered === undefined) return ask(...given);
		return ask(statement, ((error, answer) => {
			const isUndone = error === null && answer?.command === 'ROLLBACK';
			answered(
				isUndone ? new Error('PostgreSQL rolled back instead of committing') : error,
				answer,
			);
		}) satisfies Answered);
	}
}

/** As Knex sends it. */
const commit = 'COMMIT;';

/** A socket that finds hosts by our look-up; pg connects it to a path, or to a port of a host. */
function stream(): Socket {
	const socket = new Socket();
	const connect = socket.connect.bind(socket) as (options: object) => Socket;
	socket.connect = ((target: string | number, host?: string) =>
		connect(
			typeof target === 'string' ? {path: target} : {port: target, host, lookup: lookUp},
		)) as Socket['connect'];
	return socket;
}
