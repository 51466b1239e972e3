import {chmod, mkdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {cacheDirectory} from './directories.ts';
import {StartRefused} from './errors.ts';
import {rotate} from './log-files.ts';
import {userName} from './os-user.ts';
import type {PostgresHome} from './postgres/home.ts';
import {postgresPasswords} from './postgres/passwords.ts';
import {installPostgres} from './postgres/runtime.ts';
import {hasCluster} from './postgres/cluster.ts';
import {startPostgres} from './postgres/postgres.ts';
import type {Postgres} from './postgres/postgres.ts';
import {findRedis} from './redis/program.ts';
import {startRedis} from './redis/redis.ts';
import type {Redis} from './redis/redis.ts';

export const logDirectory = (dataDirectory: string) => path.join(dataDirectory, 'log');

/**
 * Makes the data directory (0700).
 *
 * @throws {StartRefused} when it belongs to somebody else: half of the files in it would become
 * unusable for one or the other.
 */
export async function openDataDirectory(dataDirectory: string): Promise<void> {
	const own = process.geteuid?.() ?? -1;
	const {uid, isNew} = await stat(dataDirectory).then(
		(stats) => ({uid: stats.uid, isNew: false}),
		() => ({uid: own, isNew: true}),
	);
	if (uid !== own) {
		throw new StartRefused(
			`The data directory ${dataDirectory} belongs to ${await userName(uid)}, and you are ${await userName(own)}. Start as that user, or choose another one with LATCHKEY_DATA_DIR.`,
		);
	}
	try {
		await mkdir(logDirectory(dataDirectory), {recursive: true, mode: 0o700});
		if (isNew) await chmod(dataDirectory, 0o700);
	} catch (error) {
		throw new StartRefused(
			`The data directory ${dataDirectory} cannot be made (${String((error as NodeJS.ErrnoException).code)}). Choose another one with LATCHKEY_DATA_DIR.`,
		);
	}
}

/** Starts (or adopts) the PostgreSQL of a data directory. */
export async function openPostgres(
	dataDirectory: string,
	home: PostgresHome,
	announce: (text: string) => void,
): Promise<{result: Postgres; said: string}> {
	const runtime = await installPostgres(await cacheDirectory(cacheIn(dataDirectory)), home.user);
	const isNew = !(await hasCluster(home.directory));
	if (isNew) {
		const who = home.user ? `, run by the user ${home.user.name}` : '';
		announce(`making a database in ${home.directory}${who}`);
	}
	const logFile = path.join(logDirectory(dataDirectory), 'postgresql.log');
	await rotate(logFile);
	const passwords = await postgresPasswords(dataDirectory);
	const postgres = await startPostgres({runtime, ...home, passwords, logFile});
	const how = postgres.adopted ? 'was running, adopted' : isNew ? 'made and started' : 'started';
	return {result: postgres, said: `${postgres.version} ${how}`};
}

/** Starts (or adopts) the Redis of a data directory. */
export async function openRedis(
	dataDirectory: string,
	options: {download: boolean; signal: AbortSignal},
	announce: (text: string) => void,
): Promise<{result: Redis; said: string}> {
	const cache = await cacheDirectory(cacheIn(dataDirectory));
	const program = await findRedis(cache, {...options, announce});
	const logFile = path.join(logDirectory(dataDirectory), 'redis.log');
	await rotate(logFile);
	const redis = await startRedis({program, directory: path.join(dataDirectory, 'redis'), logFile});
	return {
		result: redis,
		said: `${redis.version} ${redis.adopted ? 'was running, adopted' : 'started'}`,
	};
}

const cacheIn = (dataDirectory: string) => path.join(dataDirectory, 'cache');
