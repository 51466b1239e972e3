import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import type {DatabaseConfig} from '../config/config.ts';
import type {Log} from '../log.ts';
import {connectionSettings} from './connect.ts';

const reconnectMs = 1000;
/** A connection over which nothing comes back is given up. */
const aliveEveryMs = 10_000;

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
	let isStopped = false;
	let current: pg.Client | undefined;

	async function session(): Promise<void> {
		const client = new pg.Client(connectionSettings(database, 'worker-listen'));
		current = client;
		const lost = Promise.withResolvers<never>();
		// Nobody may be waiting for it yet.
		lost.promise.catch(() => {});
		client.on('error', lost.reject);
		client.on('end', () => lost.reject(new Error('connection ended')));
		client.on('notification', onNotify);
		try {
			await client.connect();
			const statement = `listen ${client.escapeIdentifier(channel)}`;
			await client.query(statement);
			onNotify();
			while (!isStopped) {
				await Promise.race([sleep(aliveEveryMs), lost.promise]);
				await client.query('select 1');
			}
		} finally {
			void client.end().catch(() => {});
		}
	}

	void (async () => {
		let isAway = false;
		while (!isStopped) {
			try {
				await session();
				isAway = false;
			} catch (error) {
				if (isStopped) return;
				if (!isAway) log.warn({error, channel}, 'announcements of PostgreSQL are not heard');
				isAway = true;
			}
			await sleep(reconnectMs);
		}
	})();

	return () => {
		isStopped = true;
		void current?.end().catch(() => {});
	};
}
