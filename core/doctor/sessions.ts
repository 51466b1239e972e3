import type {DatabaseConfig} from '../config/config.ts';
import {destroy, openDatabaseSession} from '../db/session.ts';

const bounds = {
	statementTimeoutMs: 1000,
	queryTimeoutMs: 1500,
	idleInTransactionTimeoutMs: 10_000,
};

/**
 * Whether two sessions that are open at once are served by one backend: PostgreSQL gives each its own, a
 * pooler in transaction mode gives the one that is free.
 *
 * @returns that backend
 */
export async function sharedBackend(config: DatabaseConfig): Promise<number | undefined> {
	const open = () => openDatabaseSession(config, 'doctor', bounds);
	const first = await open();
	try {
		const second = await open();
		try {
			const backends: number[] = [];
			for (const session of [first, second]) {
				const {rows} = await session.query<{pid: number}>('select pg_backend_pid() as pid');
				backends.push(rows[0]?.pid ?? 0);
			}
			const [one, other] = backends;
			return one === other ? one : undefined;
		} finally {
			destroy(second);
		}
	} finally {
		destroy(first);
	}
}
