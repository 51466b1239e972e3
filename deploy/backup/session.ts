import type {Knex} from 'knex';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {openDatabaseSession, type DatabaseSession} from '../../core/db/session.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {BackupError} from './errors.ts';

/** Session advisory lock: of backups, restores and drills of a database one runs at a time. */
const lockId = 7_355_608_213;

/** A session in which a statement may take hours. */
export async function openLongSession(
	config: DatabaseConfig,
	name: string,
): Promise<DatabaseSession> {
	return openDatabaseSession(config, name, {
		statementTimeoutMs: 0,
		queryTimeoutMs: 0,
		idleInTransactionTimeoutMs: 0,
	});
}

/** A pool in which a statement may take hours. */
export function connectForLong(config: DatabaseConfig, name: string): Knex {
	return connectDatabase({...config, poolMax: 3}, name, {
		statementTimeoutMs: 0,
		queryTimeoutMs: 0,
	});
}

/**
 * Holds the lock until the session ends, be it by a kill.
 *
 * @throws {BackupError} when another one holds it
 */
export async function lockMaintenance(session: DatabaseSession): Promise<void> {
	const {rows} = await session.query<{locked: boolean}>(
		'select pg_try_advisory_lock($1::bigint) as locked',
		[lockId],
	);
	if (rows[0]?.locked !== true) {
		throw new BackupError(
			'Another backup, restore or drill of this database is running. Wait until it has ended.',
		);
	}
}

export async function postgresMajor(session: DatabaseSession): Promise<number> {
	const {rows} = await session.query<{server_version_num: string}>('show server_version_num');
	return Math.floor(Number(rows[0]?.server_version_num) / 10_000);
}
