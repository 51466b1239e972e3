import {spawn} from '@lydell/node-pty';
import {createEmulator, type Emulator} from './emulator.ts';

/** A program on a real pseudo-terminal, and the terminal that shows it. */
export type OnPty = Omit<Emulator, 'write'> & {
	readonly pid: number;
	type: (text: string) => void;
	/**
	 * Waits until `holds`, looked at whenever something was written.
	 *
	 * @returns when the writing arrived that made it true, by the monotonic clock
	 */
	painted: (what: string, holds: () => boolean) => Promise<number>;
	/** Characters it has written so far. */
	received: () => number;
	kill: (signal: NodeJS.Signals) => void;
	hasExited: () => boolean;
	/** Resolves when it ended and all it wrote is on the screen. */
	exited: Promise<{code: number; signal: number}>;
};

/** Starts `file` with nothing but the given environment. */
export function startOnPty(
	file: string,
	args: readonly string[],
	options: {env: Record<string, string>; columns?: number; rows?: number; cwd?: string},
): OnPty {
	const {env, columns = 80, rows = 24, cwd} = options;
	const emulator = createEmulator(columns, rows);
	const pty = spawn(file, [...args], {
		name: 'xterm-256color',
		cols: columns,
		rows,
		env: {...env, TERM: 'xterm-256color'},
		...(cwd === undefined ? {} : {cwd}),
	});
	let shownAt = 0;
	let received = 0;
	let hasExited = false;
	pty.onData((text) => {
		const arrivedAt = performance.now();
		received += text.length;
		emulator.write(text, () => {
			shownAt = arrivedAt;
		});
	});
	const exited = new Promise<{code: number; signal: number}>((resolve) => {
		pty.onExit(({exitCode, signal = 0}) => {
			hasExited = true;
			void emulator.settled().then(() => resolve({code: exitCode, signal}));
		});
	});
	return {
		...emulator,
		pid: pty.pid,
		type: (text) => pty.write(text),
		async painted(what, holds) {
			await emulator.until(what, holds);
			return shownAt;
		},
		resize(newColumns, newRows) {
			emulator.resize(newColumns, newRows);
			pty.resize(newColumns, newRows);
		},
		received: () => received,
		hasExited: () => hasExited,
		kill: (signal) => process.kill(pty.pid, signal),
		exited,
	};
}
