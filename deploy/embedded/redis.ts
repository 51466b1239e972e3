import {spawn} from 'node:child_process';
import {mkdir, open, readFile, realpath} from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {removeSocketDirectory, restoreSocketDirectory, socketDirectory} from './directories.ts';
import {findDaemons, identify, isAlive, stopProcess, waitUntilGone} from './processes.ts';
import type {ProcessIdentity} from './processes.ts';
import {libraryPath} from './redis-program.ts';
import type {RedisProgram} from './redis-program.ts';
import {lastLines} from './run.ts';

export type RedisOptions = {
	program: RedisProgram;
	/** Folder of its append-only file. */
	directory: string;
	/** False keeps nothing on disk: for tests only. */
	durable?: boolean;
	logFile: string;
};

export type Redis = {
	/** `unix:///…/redis.sock`; nothing listens on the network. */
	url: string;
	/** Path of the unix socket. */
	socket: string;
	version: string;
	/** Process id. */
	readonly pid: number;
	/** Whether it was running already, left over by a start that was killed. */
	readonly adopted: boolean;
	/** Resolves once the process has ended, whatever the reason. */
	ended: () => Promise<void>;
	/** Starts it again, on the same data and socket. */
	start: () => Promise<void>;
	/** Stops it; everything written is on disk unless `durable` is false. */
	stop: () => Promise<void>;
};

/** How the process is called in /proc: Debian's redis-server is a link to redis-check-rdb. */
const programNames = ['valkey-server', 'redis-server', 'redis-check-rdb', 'valkey-check-rdb'];
/** Reading a large append-only file back takes its time. */
const startWithinMs = 120_000;

/**
Starts the Redis of a directory, or adopts it if it runs already.

No password: the socket can be reached by this user (and root) only.

@throws {Error} with the end of the log when it does not start.
*/
export async function startRedis(options: RedisOptions): Promise<Redis> {
	const {program, durable = true, logFile} = options;
	await mkdir(options.directory, {recursive: true, mode: 0o700});
	const directory = await realpath(options.directory);
	const folder = await socketDirectory(directory);
	const socket = path.join(folder, 'redis.sock');

	const start = async () => {
		await restoreSocketDirectory(folder);
		const log = await open(logFile, 'a', 0o600);
		try {
			const logStart = (await log.stat()).size;
			const child = spawn(program.file, settings(directory, socket, durable), {
				cwd: directory,
				env: {PATH: process.env['PATH'], LC_ALL: 'C', ...libraryPath(program.libraries)},
				stdio: ['ignore', log.fd, log.fd],
				// Ctrl-C goes to the terminal's whole process group; the launcher says when to stop.
				detached: true,
			});
			child.unref();
			const {promise, resolve, reject} = Promise.withResolvers<void>();
			child.once('spawn', resolve);
			child.once('error', reject);
			await promise;
			const started = await identify(child.pid ?? 0);
			if (!started || !(await answersWithin(socket, started, startWithinMs))) {
				const output = (await readFile(logFile)).subarray(logStart).toString();
				throw new Error(`Redis did not start (${logFile}):\n${lastLines(output, 12)}`);
			}

			return started;
		} finally {
			await log.close();
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
			while (await isAlive(current)) {
				await delay(250);
			}
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
@returns the process that a killed start left behind, if it answers. One that does not is stopped: two on one append-only file would destroy it.
*/
async function adoptable(
	directory: string,
	program: RedisProgram,
	socket: string,
): Promise<ProcessIdentity | undefined> {
	const [first, ...others] = await findDaemons(directory, programNames);
	for (const other of others) {
		await stop(other, true);
	}

	if (!first) {
		return undefined;
	}

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
	if (!gone) {
		throw new Error(`Redis (process ${process.pid}) does not end`);
	}
}

/** @returns false when the process ends or the time runs out first. */
async function answersWithin(socket: string, process: ProcessIdentity, withinMs: number) {
	const deadline = performance.now() + withinMs;
	while (performance.now() < deadline) {
		if (await ping(socket)) {
			return true;
		}

		if (await waitUntilGone(process, 15)) {
			return false;
		}
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
