import {cp, mkdtemp, readdir} from 'node:fs/promises';
import path from 'node:path';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {migrate} from '../../core/db/migrate.ts';
import {createLog} from '../../core/log.ts';
import {testServices} from './environment.ts';

export const migrationsDirectory = path.join(import.meta.dirname, '..', '..', '..', 'migrations');

/** Settings for a database on a cluster that the tests run, in the role `user`. */
export function databaseConfig(
	cluster: {host: string; port: number; user: string},
	database: string,
): DatabaseConfig {
	const {host, port, user} = cluster;
	return {
		host,
		port,
		user,
		database,
		password: undefined,
		ssl: false,
		connectTimeoutMs: 3000,
		poolMax: 5,
		isPooled: false,
	};
}

/**
 * Brings a database to the current schema and gives the programs' role its rights, with the code
 * that production uses.
 *
 * @param owner settings of the role that owns the database
 * @param application name of the role that the programs use
 */
export async function migrateDatabase(owner: DatabaseConfig, application: string): Promise<void> {
	const log = createLog({program: 'test', logLevel: 'warn', keyPrefix: 'hklst_'});
	await migrate({
		database: owner,
		application: {name: application, password: undefined},
		directory: migrationsDirectory,
		log,
	});
}

/** A folder with the migrations of an older version, up to one that begins so. */
export async function migrationsUntil(last: string): Promise<string> {
	const folder = await mkdtemp(path.join(testServices().directory, 'migrations-'));
	for (const name of await readdir(migrationsDirectory)) {
		if (name.slice(0, 4) > last) continue;
		await cp(path.join(migrationsDirectory, name), path.join(folder, name));
	}
	return folder;
}
