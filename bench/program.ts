import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {open, readFile, truncate} from 'node:fs/promises';
import {allocatorSettings} from '../deploy/embedded/environment.ts';
import {readable} from '../deploy/embedded/log-files.ts';
import {lastLines} from '../deploy/embedded/run.ts';
import {call} from '../test/helpers/http.ts';
import {eventually} from '../test/helpers/program.ts';
import type {CleanUp} from './clean-up.ts';

export type Program = {
	name: string;
	pid: number;
	port: number;
	/**
	 * Stops it now, rather than when everything is stopped.
	 *
	 * @throws when that is not in good order
	 */
	stop: () => Promise<void>;
	/** Empties its log, which at thousands of lines a second would fill the disk. */
	truncateLog: () => Promise<void>;
	/** What it logged as warnings or worse, each once. */
	complaints: () => Promise<string>;
};

export type ProgramOptions = {
	name: string;
	/** The program; absent: Node. */
	file?: string;
	args: readonly string[];
	/** Only these LATCHKEY_* variables. */
	env: Record<string, string>;
	port: number;
	/** Asked until it answers 200. */
	readyPath: string;
	/** Its log goes to a file, as with `npm start`: reading a pipe would cost the load's core. */
	logFile: string;
};

const stopWithinMs = 30_000;

/** Starts a program as in production and waits until it is ready. */
export async function startProgram(
	options: ProgramOptions,
	cleanUp: CleanUp,
	signal: AbortSignal,
): Promise<Program> {
	const {name, file = process.execPath, port, logFile} = options;
	const log = await open(logFile, 'a', 0o600);
	const child = spawn(file, options.args, {
		env: {...allocatorSettings, ...withoutLatchkey(), NODE_ENV: 'production', ...options.env},
		stdio: ['ignore', log.fd, log.fd],
		// Ctrl-C is the bench's to act on.
		detached: true,
	});
	await log.close();
	const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
	let isReady = false;
	let hasEnded = false;
	exited.then(
		() => (hasEnded = true),
		() => (hasEnded = true),
	);
	const complaints = async () => {
		const lines = (await readFile(logFile, 'utf8')).split('\n');
		const different = new Set(lines.flatMap((line) => readable(line) ?? []));
		return lastLines([...different].join('\n'), 10);
	};

	let stopping: Promise<void> | undefined;
	const stop = async () => {
		if (hasEnded && !isReady) return;
		if (hasEnded) throw new Error(`${name} had ended by itself:\n${await complaints()}`);
		child.kill('SIGTERM');
		const killer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
		const [code, killedBy] = await exited;
		clearTimeout(killer);
		if (code !== 0 && killedBy !== 'SIGTERM') {
			throw new Error(`${name} did not stop in good order:\n${await complaints()}`);
		}
	};
	const stopOnce = () => (stopping ??= stop());
	cleanUp.add(stopOnce);

	await eventually(
		async () => {
			if (hasEnded || signal.aborted) return true;
			return (await call(`http://127.0.0.1:${port}`, options.readyPath)).status === 200;
		},
		{withinMs: 60_000, what: `${name} to be ready`},
	);
	signal.throwIfAborted();
	if (hasEnded) throw new Error(`${name} did not start:\n${await complaints()}`);
	isReady = true;
	return {
		name,
		pid: child.pid ?? 0,
		port,
		stop: stopOnce,
		truncateLog: () => truncate(logFile),
		complaints,
	};
}

/** The operator's own settings must not reach into what is measured. */
function withoutLatchkey(): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_')),
	);
}
