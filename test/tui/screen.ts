import {PassThrough, Writable} from 'node:stream';
import type {Terminal as Streams} from '../../tui/terminal/terminal.ts';
import {createEmulator, type Emulator} from '../helpers/emulator.ts';

const keys: Record<string, string> = {
	enter: '\r',
	escape: '\u001B',
	tab: '\t',
	backspace: '\u007F',
	up: '\u001B[A',
	down: '\u001B[B',
	right: '\u001B[C',
	left: '\u001B[D',
	pageup: '\u001B[5~',
	pagedown: '\u001B[6~',
	'ctrl-c': '\u0003',
	'ctrl-d': '\u0004',
	'ctrl-u': '\u0015',
	'ctrl-x': '\u0018',
};

/** A terminal that a test looks at: real emulation of what is written, keys as bytes. */
export type Screen = Omit<Emulator, 'write'> & {
	streams: Streams;
	/** A key by name, or text as it is typed. */
	press: (...names: string[]) => void;
	type: (text: string) => void;
	paste: (text: string) => void;
	/** Whether a program reads single keys now. */
	raw: () => boolean;
};

export function createScreen(columns = 80, rows = 24): Screen {
	const emulator = createEmulator(columns, rows);
	let raw = false;

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

	return {
		...emulator,
		streams: {stdin, stdout, stderr: stdout} as unknown as Streams,
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
		raw: () => raw,
	};
}
