import {spawn} from 'node:child_process';
import {access, mkdir, open, readFile, realpath, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import pg from 'pg';
import {
	giveTo,
	notedSocketDirectory,
	removeSocketDirectory,
	restoreSocketDirectory,
	socketDirectory,
} from './directories.ts';
import {StartRefused} from './errors.ts';
import type {OsUser} from './os-user.ts';
import {findDaemons, identify, isAlive, stopProcess, waitUntilGone} from './processes.ts';
import type {ProcessIdentity} from './processes.ts';
import type {PostgresRuntime} from './postgres-runtime.ts';
import {lastLines, run} from './run.ts';

export type PostgresOptions = {
	runtime: PostgresRuntime;
	/** Folder of this cluster, existing; `user` can pass through. What PostgreSQL writes goes to `data` in it, which is the user's. */
	directory: string;
	/** Who runs it; ourselves when undefined. */
	user?: OsUser | undefined;
	/** False gives up every safety against power loss for speed: for tests only. */
	durable?: boolean;
	/** Folder that keeps a freshly initialised cluster to copy from, instead of `initdb` each time. For tests only: the copies share their identity. */
	initdbCache?: string;
	logFile: string;
};

export type PostgresAddress = {
	/** Folder of the unix socket, which libpq and pg take as host. Nothing listens on the network. */
	host: string;
	port: number;
	/** The role of server and worker. */
	user: string;
	/** The role that owns `database` and migrates it; no superuser. */
	owner: string;
	database: string;
};

export type Postgres = PostgresAddress & {
	adminUser: string;
	version: string;
	/** Process id of the postmaster. */
	readonly pid: number;
	/** Whether it was running already, left over by a start that was killed. */
	readonly adopted: boolean;
	/** Resolves once the postmaster has ended, whatever the reason. */
	ended: () => Promise<void>;
	/** Starts it again, on the same data and socket. */
	start: () => Promise<void>;
	/** Fast shutdown: sessions are cut, everything committed is on disk. */
	stop: () => Promise<void>;
};

const port = 5432;
const adminUser = 'postgres';
const owner = 'latchkey';
const user = 'latchkey_app';
const database = 'latchkey';
/** Crash recovery may replay a good deal of WAL on a slow disk. */
const startWithinMs = 120_000;

/**
Starts the PostgreSQL cluster in a directory, initialising it first if it is new, and adopting it if it runs already.

Authentication is `trust`, on a unix socket that only `user` (and root) can reach.

@throws {StartRefused} when the data belongs to another major version.
@throws {Error} with the end of the log when it does not start.
*/
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
	const {runtime, directory, durable = true} = options;
	const dataDirectory = path.join(await realpath(directory), 'data');
	await initialise(options, dataDirectory);

	const host = await socketDirectory(directory, options.user);
	const connection = {host, port, user: adminUser, database: 'postgres'};

	const start = async () => {
		await restoreSocketDirectory(host, options.user);
		// A killed postmaster's lock names a process that may linger as a zombie, which PostgreSQL takes for alive.
		for (const file of [`.s.PGSQL.${port}`, `.s.PGSQL.${port}.lock`]) {
			await rm(path.join(host, file), {force: true});
		}

		const log = await open(options.logFile, 'a', 0o600);
		try {
			const logStart = (await log.stat()).size;
			const child = spawn(
				path.join(runtime.bin, 'postgres'),
				['-D', dataDirectory, ...Object.entries(settings(host, durable)).flatMap(asArgument)],
				{
					cwd: '/',
					env: {PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC'},
					stdio: ['ignore', log.fd, log.fd],
					// Ctrl-C goes to the terminal's whole process group; the launcher says when to stop.
					detached: true,
					...(options.user && {uid: options.user.uid, gid: options.user.gid}),
				},
			);
			child.unref();
			await spawned(child);
			const started = await identify(child.pid ?? 0);
			if (!started || !(await becomesReady(connection, started))) {
				throw new Error(
					`PostgreSQL did not start (${options.logFile}):\n${await logSince(options.logFile, logStart)}`,
				);
			}

			return started;
		} finally {
			await log.close();
		}
	};

	const left = await adoptable(dataDirectory, runtime, connection);
	let running = left ?? (await start());
	await createRolesAndDatabase(connection);

	return {
		host,
		port,
		user,
		owner,
		adminUser,
		database,
		version: runtime.version,
		get pid() {
			return running.pid;
		},
		adopted: left !== undefined,
		async ended() {
			const current = running;
			while (await isAlive(current)) {
				await delay(250);
			}
		},
		async start() {
			await clearRemains(dataDirectory);
			running = await start();
		},
		async stop() {
			await stopPostmaster(running);
			await removeSocketDirectory(directory, host);
		},
	};
}

/** Where the PostgreSQL of a directory is reached, if it has been started; it need not run. */
export async function addressOf(directory: string): Promise<PostgresAddress | undefined> {
	const host = await notedSocketDirectory(directory);
	return host === undefined ? undefined : {host, port, user, owner, database};
}

/** Whether the directory holds a cluster already. */
export async function hasCluster(directory: string): Promise<boolean> {
	return exists(path.join(directory, 'data', 'PG_VERSION'));
}

function settings(host: string, durable: boolean): Record<string, string> {
	return {
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
	};
}

const asArgument = ([name, value]: [string, string]) => ['-c', `${name}=${value}`];

/** initdb into a folder that is renamed when whole: a kill in the middle leaves nothing that looks like a cluster. */
async function initialise(options: PostgresOptions, dataDirectory: string) {
	const {runtime, initdbCache, durable = true} = options;
	if (await exists(path.join(dataDirectory, 'PG_VERSION'))) {
		const found = (await readFile(path.join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
		const major = runtime.version.split('.')[0];
		if (found !== major) {
			throw new StartRefused(
				`${dataDirectory} was written by PostgreSQL ${found}, this is PostgreSQL ${major}. Start the release that wrote it, take a backup there and restore it here.`,
			);
		}

		return;
	}

	if (!initdbCache) {
		await initdb(options, `${dataDirectory}.new`, durable);
		await rename(`${dataDirectory}.new`, dataDirectory);
		return;
	}

	const name = `initdb-${runtime.version}-${options.user?.uid ?? process.geteuid?.()}`;
	const cached = path.join(initdbCache, name);
	if (!(await exists(cached))) {
		const fresh = `${cached}.${process.pid}`;
		await initdb(options, fresh, false);
		await rename(fresh, cached).catch(() => rm(fresh, {recursive: true}));
	}

	// Keeps owner and modes, and shares the blocks where the file system can.
	await run('cp', ['-a', cached, dataDirectory]);
}

async function initdb({runtime, user: runAs}: PostgresOptions, target: string, sync: boolean) {
	await rm(target, {recursive: true, force: true});
	await mkdir(target, {mode: 0o700});
	await giveTo(target, runAs);
	await run(
		path.join(runtime.bin, 'initdb'),
		[
			`--pgdata=${target}`,
			`--username=${adminUser}`,
			'--auth-local=trust',
			'--auth-host=reject',
			'--encoding=UTF8',
			// Sorts the same on every machine, whatever its C library.
			'--locale-provider=builtin',
			'--builtin-locale=C.UTF-8',
			'--locale=C',
			'--data-checksums',
			'--no-instructions',
			...(sync ? [] : ['--no-sync']),
		],
		{user: runAs},
	);
}

/**
@returns the postmaster that a killed start left behind, if it answers and is of this version. Any other remains are stopped and cleared.
*/
async function adoptable(
	dataDirectory: string,
	runtime: PostgresRuntime,
	connection: pg.ClientConfig,
): Promise<ProcessIdentity | undefined> {
	const pid = await postmasterPid(dataDirectory);
	const postmaster = (await findDaemons(dataDirectory, ['postgres'])).find(
		(daemon) => daemon.pid === pid,
	);
	const sameProgram = postmaster?.program === path.join(runtime.bin, 'postgres');
	if (postmaster && sameProgram && (await answersWithin(connection, postmaster, 3000))) {
		return {pid: postmaster.pid, startTime: postmaster.startTime};
	}

	if (postmaster) {
		await stopPostmaster(postmaster);
	}

	await clearRemains(dataDirectory);
	return undefined;
}

/**
After a kill -9 of the postmaster its backends may live a moment longer, and postmaster.pid may name a process id that now is somebody else's; PostgreSQL refuses to start over either.
*/
async function clearRemains(dataDirectory: string) {
	for (const backend of await findDaemons(dataDirectory, ['postgres'])) {
		await stopProcess(backend, [
			{signal: 'SIGQUIT', withinMs: 3000},
			{signal: 'SIGKILL', withinMs: 3000},
		]);
	}

	await rm(path.join(dataDirectory, 'postmaster.pid'), {force: true});
}

async function stopPostmaster(postmaster: ProcessIdentity) {
	const gone = await stopProcess(postmaster, [
		{signal: 'SIGINT', withinMs: 20_000},
		{signal: 'SIGQUIT', withinMs: 5000},
		{signal: 'SIGKILL', withinMs: 5000},
	]);
	if (!gone) {
		throw new Error(`PostgreSQL (process ${postmaster.pid}) does not end`);
	}
}

async function postmasterPid(dataDirectory: string): Promise<number | undefined> {
	const file = path.join(dataDirectory, 'postmaster.pid');
	const text = await readFile(file, 'utf8').catch(() => undefined);
	return text === undefined ? undefined : Number(text.split('\n')[0]);
}

async function becomesReady(connection: pg.ClientConfig, postmaster: ProcessIdentity) {
	if (await answersWithin(connection, postmaster, startWithinMs)) {
		return true;
	}

	await stopProcess(postmaster, [{signal: 'SIGKILL', withinMs: 5000}]);
	return false;
}

/** @returns false when the postmaster ends or the time runs out first. */
async function answersWithin(
	connection: pg.ClientConfig,
	postmaster: ProcessIdentity,
	withinMs: number,
) {
	const deadline = performance.now() + withinMs;
	while (performance.now() < deadline) {
		try {
			await withClient(connection, (client) => client.query('SELECT 1'));
			return true;
		} catch {
			if (await waitUntilGone(postmaster, 25)) {
				return false;
			}
		}
	}

	return false;
}

async function createRolesAndDatabase(connection: pg.ClientConfig) {
	await withClient(connection, async (client) => {
		const {rows} = await client.query<{roles: string[]; database: boolean}>(
			`SELECT ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1)) AS roles,
				EXISTS (SELECT FROM pg_database WHERE datname = $2) AS database`,
			[[owner, user], database],
		);
		for (const role of [owner, user]) {
			if (!rows[0]?.roles.includes(role)) {
				await client.query(`CREATE ROLE ${role} LOGIN`);
			}
		}

		if (!rows[0]?.database) {
			await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
		}
	});
}

async function withClient<Result>(
	connection: pg.ClientConfig,
	work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
	const client = new pg.Client({
		...connection,
		connectionTimeoutMillis: 3000,
		query_timeout: 30_000,
	});
	// The server may go away between two statements; the statement then fails by itself.
	client.on('error', () => undefined);
	try {
		await client.connect();
		return await work(client);
	} finally {
		await client.end().catch(() => undefined);
	}
}

async function spawned(child: ReturnType<typeof spawn>) {
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	child.once('spawn', resolve);
	child.once('error', reject);
	await promise;
}

async function logSince(file: string, offset: number) {
	return lastLines((await readFile(file)).subarray(offset).toString(), 12);
}

async function exists(file: string) {
	return access(file).then(
		() => true,
		() => false,
	);
}
