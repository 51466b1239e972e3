import path from 'node:path';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {migrate} from '../../core/db/migrate.ts';
import {createLog} from '../../core/log.ts';

export const migrationsDirectory = path.join(import.meta.dirname, '..', '..', '..', 'migrations');

/** Settings for a database on a cluster that the tests run. */
export function databaseConfig(
	cluster: {host: string; port: number; user: string},
	database: string,
): DatabaseConfig {
	const {host, port, user} = cluster;
	return {host, port, user, database, password: undefined, ssl: false, poolMax: 5, isPooled: false};
}

/** Brings a database to the current schema, with the code that production uses. */
export async function migrateDatabase(database: DatabaseConfig): Promise<void> {
	const log = createLog({program: 'test', logLevel: 'warn', keyPrefix: 'hklst_'});
	await migrate({database, directory: migrationsDirectory, log});
}
