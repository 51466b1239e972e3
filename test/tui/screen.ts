import {PassThrough, Writable} from 'node:stream';
import xterm from '@xterm/headless';
import type {Terminal as Streams} from '../../tui/commands/terminal.ts';

const keys: Record<string, string> = {
	enter: '\r',
	escape: '\u001B',
	tab: '\t',
	backspace: '\u007F',
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	'ctrl-c': '\u0003',
	'ctrl-d': '\u0004',
};

/** A terminal that a test looks at: real emulation of what is written, keys as bytes. */
export type Screen = {
	streams: Streams;
	/** What a person would see, without trailing spaces. */
	text: () => string;
	/** Waits until the screen shows `pattern`, or shows it no more. */
	shows: (pattern: RegExp | string) => Promise<string>;
	hides: (pattern: RegExp | string) => Promise<string>;
	/** A key by name, or text as it is typed. */
	press: (...names: string[]) => void;
	type: (text: string) => void;
	paste: (text: string) => void;
	resize: (columns: number, rows: number) => void;
	/** Waits until everything written so far is on the screen. */
	settled: () => Promise<void>;
	clipboard: () => string | undefined;
	alternate: () => boolean;
	/** Whether a program reads single keys now. */
	raw: () => boolean;
	/** Everything that scrolled by or stands on the primary screen. */
	scrollback: () => string;
	close: () => void;
};

/** How long a screen may take; generous, because it is only waited out by a failing test. */
const patience = 30_000;

export function createScreen(columns = 80, rows = 24): Screen {
	const emulator = new xterm.Terminal({
		cols: columns,
		rows,
		allowProposedApi: true,
		scrollback: 1000,
	});
	let clipboard: string | undefined;
	let raw = false;
	emulator.parser.registerOscHandler(52, (data) => {
		clipboard = Buffer.from(data.split(';')[1] ?? '', 'base64').toString();
		return true;
	});

	const stdout = Object.assign(
		new Writable({
			decodeStrings: false,
			write(chunk: string | Buffer, _encoding, done) {
				// As a terminal's own line discipline does.
				const text = String(chunk).replaceAll(/\r?\n/g, '\r\n');
				emulator.write(text, done);
			},
		}),
		{isTTY: true, columns, rows},
	);
	const stdin = Object.assign(new PassThrough(), {
		isTTY: true,
		isRaw: false,
		setRawMode(mode: boolean) {
			raw = mode;
			return stdin;
		},
		ref: () => stdin,
		unref: () => stdin,
	});

	const text = () => lines(emulator.buffer.active, emulator.rows, emulator.cols).join('\n');
	const until = (what: string, holds: () => boolean) =>
		new Promise<string>((resolve, reject) => {
			const timer = setTimeout(() => finish(false), patience);
			const listener = emulator.onWriteParsed(() => {
				if (holds()) finish(true);
			});
			const finish = (held: boolean) => {
				clearTimeout(timer);
				listener.dispose();
				if (held) resolve(text());
				else reject(new Error(`the screen never ${what}:\n${text()}`));
			};
			if (holds()) finish(true);
		});
	const matches = (pattern: RegExp | string) =>
		typeof pattern === 'string' ? text().includes(pattern) : pattern.test(text());

	return {
		streams: {stdin, stdout, stderr: stdout} as unknown as Streams,
		text,
		shows: (pattern) => until(`showed ${String(pattern)}`, () => matches(pattern)),
		hides: (pattern) => until(`hid ${String(pattern)}`, () => !matches(pattern)),
		press: (...names) => {
			for (const name of names) stdin.write(keys[name] ?? name);
		},
		type: (typed) => void stdin.write(typed),
		paste: (pasted) => void stdin.write(`\u001B[200~${pasted}\u001B[201~`),
		resize(newColumns, newRows) {
			emulator.resize(newColumns, newRows);
			Object.assign(stdout, {columns: newColumns, rows: newRows});
			stdout.emit('resize');
		},
		settled: () => new Promise((resolve) => emulator.write('', resolve)),
		clipboard: () => clipboard,
		alternate: () => emulator.buffer.active.type === 'alternate',
		raw: () => raw,
		scrollback: () =>
			lines(emulator.buffer.normal, emulator.buffer.normal.length, emulator.cols).join('\n'),
		close: () => emulator.dispose(),
	};
}

type ScreenBuffer = (typeof xterm.Terminal)['prototype']['buffer']['active'];

/** The emulator keeps cells beyond the edge after a resize; nobody sees those. */
function lines(buffer: ScreenBuffer, rows: number, columns: number): string[] {
	const first = buffer.type === 'alternate' ? 0 : Math.max(0, buffer.length - rows);
	return Array.from({length: rows}, (_, row) =>
		(buffer.getLine(first + row)?.translateToString(true, 0, columns) ?? '').trimEnd(),
	);
}
