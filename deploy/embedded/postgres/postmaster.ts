import {readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import type {ClientConfig} from 'pg';
import {startDaemon} from '../daemon.ts';
import type {OsUser} from '../os-user.ts';
import {findDaemons, stopProcess, waitUntilGone, type ProcessIdentity} from '../processes.ts';
import {isLetIn} from './client.ts';

/** The process that PostgreSQL is: how it is started, found again after a kill, and stopped. */
export type Postmaster = {
	/** Folder with the program. */
	bin: string;
	dataDirectory: string;
	/** Who runs it; ourselves when undefined. */
	user: OsUser | undefined;
	durable: boolean;
	logFile: string;
	/** Of the superuser. */
	connection: ClientConfig & {host: string; port: number};
};

/** Crash recovery may replay a good deal of WAL on a slow disk. */
const startWithinMs = 120_000;

/** @throws {NotReady} */
export async function startPostmaster(postmaster: Postmaster): Promise<ProcessIdentity> {
	const {bin, dataDirectory, user, durable, logFile, connection} = postmaster;
	const {host, port} = connection;
	// A killed postmaster's lock names a process that may linger as a zombie, which PostgreSQL
	// takes for alive.
	for (const file of [`.s.PGSQL.${port}`, `.s.PGSQL.${port}.lock`]) {
		await rm(path.join(host, file), {force: true});
	}
	return startDaemon({
		name: 'PostgreSQL',
		file: path.join(bin, 'postgres'),
		args: ['-D', dataDirectory, ...settings(host, port, durable)],
		cwd: '/',
		env: {TZ: 'UTC'},
		user,
		logFile,
		async becomesReady(started) {
			if (await answersWithin(connection, started, startWithinMs)) return true;
			await stopProcess(started, [{signal: 'SIGKILL', withinMs: 5000}]);
			return false;
		},
	});
}

/**
 * @returns the postmaster that a killed start left behind, if it answers and is of this version.
 * Any other remains are stopped and cleared.
 */
export async function adoptPostmaster({
	bin,
	dataDirectory,
	connection,
}: Postmaster): Promise<ProcessIdentity | undefined> {
	const pid = await postmasterPid(dataDirectory);
	const found = (await findDaemons(dataDirectory, ['postgres'])).find(
		(daemon) => daemon.pid === pid,
	);
	const sameProgram = found?.program === path.join(bin, 'postgres');
	if (found && sameProgram && (await answersWithin(connection, found, 3000))) {
		return {pid: found.pid, startTime: found.startTime};
	}
	if (found) await stopPostmaster(found);
	await clearRemains(dataDirectory);
	return undefined;
}

/**
 * After a kill -9 of the postmaster its backends may live a moment longer, and postmaster.pid may
 * name a process id that now is somebody else's; PostgreSQL refuses to start over either.
 */
export async function clearRemains(dataDirectory: string): Promise<void> {
	for (const backend of await findDaemons(dataDirectory, ['postgres'])) {
		await stopProcess(backend, [
			{signal: 'SIGQUIT', withinMs: 3000},
			{signal: 'SIGKILL', withinMs: 3000},
		]);
	}
	await rm(path.join(dataDirectory, 'postmaster.pid'), {force: true});
}

export async function stopPostmaster(postmaster: ProcessIdentity): Promise<void> {
	const gone = await stopProcess(postmaster, [
		{signal: 'SIGINT', withinMs: 20_000},
		{signal: 'SIGQUIT', withinMs: 5000},
		{signal: 'SIGKILL', withinMs: 5000},
	]);
	if (!gone) throw new Error(`PostgreSQL (process ${postmaster.pid}) does not end`);
}

async function postmasterPid(dataDirectory: string): Promise<number | undefined> {
	const file = path.join(dataDirectory, 'postmaster.pid');
	const text = await readFile(file, 'utf8').catch(() => undefined);
	return text === undefined ? undefined : Number(text.split('\n')[0]);
}

/** @returns false when the postmaster ends or the time runs out first. */
async function answersWithin(
	connection: ClientConfig,
	postmaster: ProcessIdentity,
	withinMs: number,
) {
	const deadline = performance.now() + withinMs;
	while (performance.now() < deadline) {
		try {
			// One that refuses us answers, too.
			await isLetIn(connection);
			return true;
		} catch {
			if (await waitUntilGone(postmaster, 25)) return false;
		}
	}
	return false;
}

function settings(host: string, port: number, durable: boolean): string[] {
	return Object.entries({
		listen_addresses: '',
		unix_socket_directories: host,
		port: String(port),
		timezone: 'UTC',
		log_timezone: 'UTC',
		...(!durable && {
			fsync: 'off',
			synchronous_commit: 'off',
			full_page_writes: 'off',
			wal_level: 'minimal',
			max_wal_senders: '0',
			max_connections: '300',
			// A checkpoint in the middle of a test costs time and buys nothing here.
			max_wal_size: '4GB',
			checkpoint_timeout: '1h',
			autovacuum_naptime: '10min',
		}),
	}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
