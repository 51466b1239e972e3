import {appendFile, mkdir, realpath, rename} from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {NotReady, startDaemon, type RunningDaemon} from '../daemon.ts';
import {
	notedSocketDirectory,
	removeSocketDirectory,
	restoreSocketDirectory,
	socketDirectory,
} from '../directories.ts';
import {findDaemons, isAlive, stopProcess, waitUntilGone} from '../processes.ts';
import type {ProcessIdentity} from '../processes.ts';
import {libraryPath} from './program.ts';
import type {RedisProgram} from './program.ts';

export type RedisOptions = {
	program: RedisProgram;
	/** Folder of its append-only file. */
	directory: string;
	/** False keeps nothing on disk: for tests only. */
	durable?: boolean;
	logFile: string;
};

export type Redis = RunningDaemon & {
	/** `unix:///…/redis.sock`; nothing listens on the network. */
	url: string;
	/** Path of the unix socket. */
	socket: string;
};

/** How the process is called in /proc: Debian's redis-server is a link to redis-check-rdb. */
const programNames = ['valkey-server', 'redis-server', 'redis-check-rdb', 'valkey-check-rdb'];
const socketName = 'redis.sock';
/** Reading a large append-only file back takes its time. */
const startWithinMs = 120_000;

/**
 * Starts the Redis of a directory, or adopts it if it runs already.
 *
 * No password: the socket can be reached by this user (and root) only.
 *
 * An append-only file that is damaged is kept beside a new, empty one: Redis is never the only copy
 * of anything, and must come up.
 *
 * @throws {NotReady} with the end of the log when it does not start.
 */
export async function startRedis(options: RedisOptions): Promise<Redis> {
	const {program, durable = true, logFile} = options;
	await mkdir(options.directory, {recursive: true, mode: 0o700});
	const directory = await realpath(options.directory);
	const folder = await socketDirectory(directory);
	const socket = path.join(folder, socketName);

	const startOnce = async () => {
		await restoreSocketDirectory(folder);
		return startDaemon({
			name: 'Redis',
			file: program.file,
			args: settings(directory, socket, durable),
			cwd: directory,
			env: libraryPath(program.libraries),
			logFile,
			becomesReady: (started) => answersWithin(socket, started, startWithinMs),
		});
	};
	const start = async () => {
		try {
			return await startOnce();
		} catch (error) {
			if (!(error instanceof NotReady && damage.test(error.output))) throw error;
			const kept = await putAside(directory);
			if (kept === undefined) throw error;
			await appendFile(
				logFile,
				`${error.message}\nThe append-only file is damaged. It is kept as ${kept}; Redis starts with an empty one. Nothing that was acknowledged is only there.\n`,
			);
			return startOnce();
		}
	};
	const left = await adoptable(directory, program, socket);
	let running = left ?? (await start());

	return {
		url: `unix://${socket}`,
		socket,
		version: program.version,
		get pid() {
			return running.pid;
		},
		adopted: left !== undefined,
		async ended() {
			const current = running;
			while (await isAlive(current)) await delay(250);
		},
		async start() {
			running = await start();
		},
		async stop() {
			await stop(running, durable);
			await removeSocketDirectory(directory, folder);
		},
	};
}

/** Where the Redis of a directory is reached, or would be; it need not run. */
export async function redisUrlOf(directory: string): Promise<string> {
	return `unix://${path.join((await notedSocketDirectory(directory)) ?? directory, socketName)}`;
}

/**
 * What Redis says of an append-only file that it cannot read; it mends a tail that was cut off by
 * itself.
 */
const damage =
	/reading the append only file|truncated file is not the last file|AOF manifest file|AOF (base|incr) file|Error reading the RDB|Wrong RDB checksum|RDB file reading failure|Internal error in RDB|Wrong signature trying to load DB|Short read or OOM loading DB/i;

/**
 * Puts a damaged append-only file aside, beside the new one.
 *
 * @returns where it is now; undefined where there is none.
 */
async function putAside(directory: string): Promise<string | undefined> {
	const file = path.join(directory, 'appendonlydir');
	const kept = `${file}.damaged-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
	try {
		await rename(file, kept);
		return kept;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

function settings(directory: string, socket: string, durable: boolean) {
	return Object.entries({
		port: '0',
		unixsocket: socket,
		unixsocketperm: '600',
		dir: directory,
		daemonize: 'no',
		save: '',
		appendonly: durable ? 'yes' : 'no',
		appendfsync: 'everysec',
		// BullMQ's rule: a job must never be thrown away to make room.
		'maxmemory-policy': 'noeviction',
		// Keeps the command line as it is, by which a later start knows the process.
		'set-proc-title': 'no',
	}).flatMap(([name, value]) => [`--${name}`, value]);
}

/**
 * @returns the process that a killed start left behind, if it answers. One that does not is
 * stopped: two on one append-only file would destroy it.
 */
async function adoptable(
	directory: string,
	program: RedisProgram,
	socket: string,
): Promise<ProcessIdentity | undefined> {
	const [first, ...others] = await findDaemons(directory, programNames);
	for (const other of others) await stop(other, true);
	if (!first) return undefined;
	const sameProgram = first.args[0] === program.file;
	if (sameProgram && first.args.includes(socket) && (await answersWithin(socket, first, 3000))) {
		return {pid: first.pid, startTime: first.startTime};
	}
	await stop(first, true);
	return undefined;
}

async function stop(process: ProcessIdentity, durable: boolean) {
	const gone = await stopProcess(process, [
		...(durable ? [{signal: 'SIGTERM', withinMs: 15_000} as const] : []),
		{signal: 'SIGKILL', withinMs: 5000},
	]);
	if (!gone) throw new Error(`Redis (process ${process.pid}) does not end`);
}

/** @returns false when the process ends or the time runs out first. */
async function answersWithin(socket: string, process: ProcessIdentity, withinMs: number) {
	const deadline = performance.now() + withinMs;
	while (performance.now() < deadline) {
		if (await ping(socket)) return true;
		if (await waitUntilGone(process, 15)) return false;
	}
	return false;
}

/** Whether Redis answers PONG; it says LOADING while it reads its data. */
async function ping(socket: string): Promise<boolean> {
	const {promise, resolve} = Promise.withResolvers<boolean>();
	const connection = net.connect(socket);
	connection.setTimeout(1000, () => resolve(false));
	connection.once('connect', () => connection.write('PING\r\n'));
	connection.once('data', (data) => resolve(data.toString().startsWith('+PONG')));
	connection.once('error', () => resolve(false));
	connection.once('close', () => resolve(false));
	return promise.finally(() => connection.destroy());
}
