import {spawn} from 'node:child_process';
import {open, readFile} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';
import {exitConfiguration} from '../../core/config/load.ts';
import {follow, readable, rotate} from './log-files.ts';
import {findProcesses, identify, sendSignal, stopProcess} from './processes.ts';
import type {ProcessFacts, ProcessIdentity} from './processes.ts';
import {lastLines} from './run.ts';

/** A start gives up on a program that ends this often without ever having been ready. */
const attemptsBeforeReady = 5;
const longestPauseMs = 30_000;
/** A program that ran this long has recovered: its next end is a new matter. */
const steadyAfterMs = 60_000;

export type ProgramOptions = {
	name: string;
	/** Arguments for Node. */
	args: readonly string[];
	env: NodeJS.ProcessEnv;
	logFile: string;
	say: (text: string) => void;
};

export type Program = {
	readonly pid: number | undefined;
	/** From now on it is started again as often as it ends. */
	markReady: () => void;
	/**
	 * Rejects when the program cannot be kept running: told by exit code 78, or by ending again and
	 * again before it was ready. Never resolves.
	 */
	failed: Promise<never>;
	/** SIGTERM, then SIGKILL after `withinMs`, or at once when `hurry` is aborted. */
	stop: (withinMs: number, hurry: AbortSignal) => Promise<void>;
};

/** Tells the exit code that the launcher should end with. */
export class ProgramFailed extends Error {
	override name = 'ProgramFailed';
	readonly exitCode: number;

	constructor(message: string, exitCode: number) {
		super(message);
		this.exitCode = exitCode;
	}
}

/**
 * Runs one of our programs, its output going to a file, and starts it again with growing pauses
 * when it ends.
 */
export async function keepRunning(options: ProgramOptions): Promise<Program> {
	const {name, logFile, say} = options;
	await rotate(logFile);
	const log = await follow(logFile, (line) => {
		const text = readable(line);
		if (text) say(`${name}: ${text}`);
	});
	const stopping = new AbortController();
	const failure = Promise.withResolvers<never>();
	// Awaited by the launcher; until then it must not count as unhandled.
	failure.promise.catch(() => undefined);
	let running: ProcessIdentity | undefined;
	let ready = false;

	const loop = async () => {
		let pause = 500;
		for (let attempt = 1; !stopping.signal.aborted; attempt++) {
			const begun = performance.now();
			const end = await runOnce(options, (identity) => (running = identity));
			running = undefined;
			if (stopping.signal.aborted) return;
			await log.flush();
			if (end.code === exitConfiguration) {
				throw new ProgramFailed(
					`The ${name} refused to start, for the reason above.`,
					exitConfiguration,
				);
			}
			if (!ready && attempt >= attemptsBeforeReady) {
				throw new ProgramFailed(
					`The ${name} ended ${attempt} times (${end.said}) and was never ready. Its log: ${logFile}`,
					1,
				);
			}
			pause = performance.now() - begun > steadyAfterMs ? 500 : pause;
			say(`${name}: ended (${end.said}), starting it again in ${pause / 1000} s`);
			await delay(pause, undefined, {signal: stopping.signal}).catch(() => undefined);
			pause = Math.min(pause * 2, longestPauseMs);
		}
	};
	const looping = loop().catch(failure.reject);

	return {
		get pid() {
			return running?.pid;
		},
		markReady() {
			ready = true;
		},
		failed: failure.promise,
		async stop(withinMs, hurry) {
			stopping.abort();
			if (running) await terminate(running, withinMs, hurry);
			await looping;
			await log.end();
		},
	};
}

/**
 * Runs one of our programs that does its work and ends, such as the migrations; aborting `signal`
 * ends it early.
 */
export async function runToEnd(
	options: Omit<ProgramOptions, 'say'>,
	signal: AbortSignal,
): Promise<void> {
	await rotate(options.logFile);
	const end = await runOnce(options, (identity) => {
		const stop = () => {
			if (identity) sendSignal(identity.pid, 'SIGTERM');
		};
		signal.addEventListener('abort', stop, {once: true});
	});
	signal.throwIfAborted();
	if (end.code !== 0) {
		throw new ProgramFailed(
			`${options.name} failed (${end.said}):\n${await lastWords(options.logFile, end.logStart)}`,
			end.code === exitConfiguration ? exitConfiguration : 1,
		);
	}
}

/** What a killed start has left running: programs of ours (`roles`) that use the same secrets. */
export async function findLeftovers(
	entry: string,
	secretsDirectory: string,
	roles: readonly string[],
): Promise<ProcessFacts[]> {
	const marker = `LATCHKEY_SECRETS_DIR=${secretsDirectory}`;
	return findProcesses(
		({args, environment}) =>
			environment.includes(marker) && args.includes(entry) && roles.includes(args.at(-1) ?? ''),
	);
}

export async function stopLeftovers(
	leftovers: readonly ProcessFacts[],
	withinMs: number,
	hurry: AbortSignal,
): Promise<void> {
	await Promise.all(leftovers.map(async (process) => terminate(process, withinMs, hurry)));
}

async function terminate(target: ProcessIdentity, withinMs: number, hurry: AbortSignal) {
	const kill = async () => stopProcess(target, [{signal: 'SIGKILL', withinMs: 5000}]);
	const hurried = Promise.withResolvers<void>();
	hurry.addEventListener('abort', () => hurried.resolve(), {once: true});
	if (hurry.aborted) hurried.resolve();
	await Promise.race([stopProcess(target, [{signal: 'SIGTERM', withinMs}]), hurried.promise]);
	await kill();
}

async function runOnce(
	{args, env, logFile}: Omit<ProgramOptions, 'say'>,
	onStart: (identity: ProcessIdentity | undefined) => void,
) {
	// The file itself, no pipe through us: the program outlives a kill -9 of the launcher unharmed.
	// Where it cannot be opened, as on a disk without room, the program runs without a log.
	const log = await open(logFile, 'a', 0o600).catch(() => undefined);
	const logStart = (await log?.stat())?.size ?? 0;
	const output = log?.fd ?? 'ignore';
	const child = spawn(process.execPath, args, {
		env,
		stdio: ['ignore', output, output],
		// Ctrl-C goes to the terminal's whole process group; the launcher says when to stop.
		detached: true,
	});
	await log?.close();

	const {promise, resolve, reject} = Promise.withResolvers<{
		code: number | null;
		said: string;
		logStart: number;
	}>();
	child.once('error', reject);
	child.once('exit', (code, signal) => {
		resolve({code, said: signal ?? `code ${code}`, logStart});
	});
	onStart(await identify(child.pid ?? 0));
	return promise;
}

async function lastWords(logFile: string, offset: number) {
	const bytes = await readFile(logFile).catch(() => Buffer.alloc(0));
	const text = bytes.subarray(offset).toString();
	const lines = text.split('\n').flatMap((line) => readable(line) ?? []);
	return lines.length > 0 ? lastLines(lines.join('\n'), 20) : lastLines(text, 5);
}
