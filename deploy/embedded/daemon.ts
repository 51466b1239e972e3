import {spawn} from 'node:child_process';
import {open, readFile} from 'node:fs/promises';
import type {OsUser} from './os-user.ts';
import {identify, type ProcessIdentity} from './processes.ts';
import {lastLines} from './run.ts';

/** A daemon that was started and never became ready. The message ends with its last log lines. */
export class NotReady extends Error {
	/** All that it wrote to its log. */
	readonly output: string;

	constructor(name: string, logFile: string, output: string) {
		super(`${name} did not start (${logFile}):\n${lastLines(output, 12)}`);
		this.output = output;
	}
}

/** A daemon that was started, or adopted. */
export type RunningDaemon = {
	version: string;
	/** Process id; of PostgreSQL that of its postmaster. */
	readonly pid: number;
	/** Whether it was running already, left over by a start that was killed. */
	readonly adopted: boolean;
	/** Resolves once it has ended, whatever the reason. */
	ended: () => Promise<void>;
	/** Starts it again, on the same data and socket. */
	start: () => Promise<void>;
	/** Stops it fast: sessions are cut, everything acknowledged is on disk if it is durable. */
	stop: () => Promise<void>;
};

type Daemon = {
	/** As a person calls it. */
	name: string;
	file: string;
	args: readonly string[];
	cwd: string;
	env?: NodeJS.ProcessEnv;
	/** Who runs it; ourselves when undefined. */
	user?: OsUser | undefined;
	/** What it writes is appended here. */
	logFile: string;
	/** Waits until it works; false where it ended or never will. */
	becomesReady: (started: ProcessIdentity) => Promise<boolean>;
};

/**
 * Starts PostgreSQL or Redis as a process that lives on when we are killed.
 *
 * @throws {NotReady}
 */
export async function startDaemon(daemon: Daemon): Promise<ProcessIdentity> {
	const {name, file, args, cwd, env, user, logFile, becomesReady} = daemon;
	const log = await open(logFile, 'a', 0o600);
	try {
		const logStart = (await log.stat()).size;
		const child = spawn(file, args, {
			cwd,
			env: {PATH: process.env['PATH'], LC_ALL: 'C', ...env},
			stdio: ['ignore', log.fd, log.fd],
			// Ctrl-C goes to the terminal's whole process group; the launcher says when to stop.
			detached: true,
			...(user && {uid: user.uid, gid: user.gid}),
		});
		child.unref();
		const {promise, resolve, reject} = Promise.withResolvers<void>();
		child.once('spawn', resolve);
		child.once('error', reject);
		await promise;
		const started = await identify(child.pid ?? 0);
		if (started && (await becomesReady(started))) return started;
		throw new NotReady(name, logFile, (await readFile(logFile)).subarray(logStart).toString());
	} finally {
		await log.close();
	}
}
