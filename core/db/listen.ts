import {setTimeout as sleep} from 'node:timers/promises';
import {escapeIdentifier} from 'pg';
import type {DatabaseConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {ConnectError} from './faults.ts';
import {gateTo} from './gate.ts';
import {destroy, openDatabaseSession, type DatabaseSession} from './session.ts';

const reconnectMs = 1000;
/** A connection over which nothing comes back is given up. */
const aliveEveryMs = 10_000;
const queryTimeoutMs = 1000;

/**
 * A connection that LISTENs: before all others where PostgreSQL lets in one at a time. Nothing
 * bounds its statements; callers do.
 *
 * @throws {ConnectError}
 */
export function openListener(
	database: DatabaseConfig,
	name: string,
	signal: AbortSignal,
): Promise<DatabaseSession> {
	const bounds = {statementTimeoutMs: 0, queryTimeoutMs: 0, idleInTransactionTimeoutMs: 0};
	return gateTo(database).through(
		'listen',
		() => openDatabaseSession(database, `${name}-listen`, bounds),
		signal,
	);
}

/**
 * Calls `onNotify` when PostgreSQL announces something on a channel, and once each time the
 * connection was made: something may have been announced before. Connects again for ever.
 *
 * @param database PostgreSQL itself, no pooler: LISTEN needs a session
 * @param channel a name of ours
 * @returns what ends it
 */
export function listen(
	database: DatabaseConfig,
	channel: string,
	onNotify: () => void,
	log: Log,
): () => void {
	const stop = new AbortController();
	const {signal} = stop;
	const isStopped = () => signal.aborted;

	async function hear(session: DatabaseSession): Promise<void> {
		const lost = Promise.withResolvers<never>();
		// Nobody may be waiting for it yet.
		lost.promise.catch(() => {});
		session.on('error', lost.reject);
		session.on('end', () => lost.reject(new Error('connection ended')));
		session.on('notification', onNotify);
		try {
			const ask = (text: string) =>
				session.query({text, query_timeout: queryTimeoutMs} as {text: string});
			await ask(`listen ${escapeIdentifier(channel)}`);
			onNotify();
			while (!isStopped()) {
				await Promise.race([sleep(aliveEveryMs, undefined, {signal}), lost.promise]);
				await ask('select 1');
			}
		} finally {
			destroy(session);
		}
	}

	void (async () => {
		let isAway = false;
		while (!isStopped()) {
			try {
				await hear(await openListener(database, 'worker', signal));
				isAway = false;
			} catch (error) {
				if (isStopped()) return;
				if (!isAway) log.warn({error, channel}, 'announcements of PostgreSQL are not heard');
				isAway = true;
				// Who could not connect waits at the gate.
				if (!(error instanceof ConnectError)) await sleep(reconnectMs);
			}
		}
	})();

	return () => stop.abort(new Error('stopped'));
}
