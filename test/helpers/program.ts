import {spawn, type ChildProcess} from 'node:child_process';
import {createServer} from 'node:net';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {setImmediate as nextTurn, setTimeout as delay} from 'node:timers/promises';

const entry = path.join(import.meta.dirname, '..', '..', 'bundle', 'latchkey.js');

/** A program of the appliance as a process of its own, as in production. */
export type Program = {
	readonly pid: number;
	/** Everything it wrote so far: standard output and standard error. */
	output: () => string;
	/** Resolves when it ended; null where a signal ended it. */
	exited: Promise<number | null>;
	kill: (signal: NodeJS.Signals) => void;
	/** Tells it to stop and waits; kills it when it takes too long. */
	stop: () => Promise<number | null>;
};

/** Starts `latchkey <command>`, or another script, with only the given LATCHKEY_* variables. */
export function startProgram(
	command: readonly string[],
	env: Record<string, string>,
	script = entry,
	/** Where its standard output goes; `output()` has it only from a pipe of ours. */
	stdout: 'pipe' | number = 'pipe',
): Program {
	const inherited = Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !name.startsWith('LATCHKEY_')),
	);
	const child: ChildProcess = spawn(
		process.execPath,
		['--disable-proto=delete', '--enable-source-maps', script, ...command],
		{env: {...inherited, NODE_ENV: 'production', ...env}, stdio: ['ignore', stdout, 'pipe']},
	);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		if (stream === null) continue;
		createInterface({input: stream}).on('line', (line) => {
			output += `${line}\n`;
		});
	}
	const exited = new Promise<number | null>((resolve) => {
		child.once('close', (code) => resolve(code));
	});
	return {
		get pid() {
			return child.pid ?? -1;
		},
		output: () => output,
		exited,
		kill: (signal) => void child.kill(signal),
		async stop() {
			child.kill('SIGCONT');
			child.kill('SIGTERM');
			const killer = setTimeout(() => child.kill('SIGKILL'), 60_000);
			const code = await exited;
			clearTimeout(killer);
			return code;
		},
	};
}

/** A TCP port of the loopback address that nobody uses now. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}

/**
 * Waits until `condition` gives something other than false or undefined, and returns it. Patient,
 * because only a failing test waits to the end, and a machine may be ten times as busy as today.
 */
export async function eventually<T>(
	condition: () => Promise<T | false | undefined> | T | false | undefined,
	options: {withinMs?: number; what?: string} = {},
): Promise<T> {
	const deadline = Date.now() + (options.withinMs ?? 60_000);
	let last: unknown;
	while (Date.now() < deadline) {
		try {
			const value = await condition();
			if (value !== false && value !== undefined) return value;
		} catch (error) {
			last = error;
		}
		await delay(25);
	}
	throw new Error(`waited in vain for ${options.what ?? 'a condition'}`, {cause: last});
}

/** Whether it waits for nothing and nobody: a few turns of the event loop are enough for it. */
export async function endsAtOnce(work: Promise<unknown>): Promise<boolean> {
	let isOver = false;
	const end = () => {
		isOver = true;
	};
	void work.then(end, end);
	for (let turns = 0; turns < 10 && !isOver; turns++) await nextTurn();
	return isOver;
}
