import xterm from '@xterm/headless';

/** A terminal without a window: what is written is emulated, and can be looked at. */
export type Emulator = {
	/** `done` is called when all of it is on the screen. */
	write: (text: string, done?: () => void) => void;
	/** What a person would see, without trailing spaces. */
	text: () => string;
	/** Waits until `holds`, looked at after each writing; answers what is shown then. */
	until: (what: string, holds: () => boolean) => Promise<string>;
	/** Waits until the screen shows `pattern`, or shows it no more. */
	shows: (pattern: RegExp | string) => Promise<string>;
	hides: (pattern: RegExp | string) => Promise<string>;
	/** Waits until everything written so far is on the screen. */
	settled: () => Promise<void>;
	/** What a program has put into the clipboard (OSC 52). */
	clipboard: () => string | undefined;
	/** Each cell of what is shown, by rows. */
	cells: () => Cell[][];
	alternate: () => boolean;
	/** Private modes (DECSET) that are not as they were when the terminal was opened. */
	modes: () => number[];
	/** Everything that scrolled by or stands on the primary screen. */
	scrollback: () => string;
	resize: (columns: number, rows: number) => void;
	close: () => void;
};

/** A character with its look; `columns` is 0 for the right half of a wide one. */
export type Cell = {
	readonly text: string;
	readonly columns: number;
	/** Index into the palette of the terminal, or `#rrggbb`; undefined: its own. */
	readonly color: number | string | undefined;
	/** The same of what is behind it. */
	readonly ground: number | string | undefined;
	readonly bold: boolean;
	readonly dim: boolean;
	readonly inverse: boolean;
	readonly underline: boolean;
};

/** Lines wrap, and the cursor is shown. */
const onAtFirst: ReadonlySet<number> = new Set([7, 25]);

/** How long a screen may take; generous, because it is only waited out by a failing test. */
const patience = 90_000;

export function createEmulator(columns: number, rows: number): Emulator {
	const terminal = new xterm.Terminal({
		cols: columns,
		rows,
		allowProposedApi: true,
		scrollback: 1000,
	});
	let clipboard: string | undefined;
	terminal.parser.registerOscHandler(52, (data) => {
		clipboard = Buffer.from(data.split(';')[1] ?? '', 'base64').toString();
		return true;
	});

	const modes = new Map<number, boolean>();
	for (const final of ['h', 'l']) {
		terminal.parser.registerCsiHandler({prefix: '?', final}, (parameters) => {
			for (const mode of parameters.flat()) modes.set(mode, final === 'h');
			return false;
		});
	}

	const text = () => lines(terminal.buffer.active, terminal.rows, terminal.cols).join('\n');
	const until = (what: string, holds: () => boolean) =>
		new Promise<string>((resolve, reject) => {
			const timer = setTimeout(() => finish(false), patience);
			const listener = terminal.onWriteParsed(() => {
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
		write: (written, done) => terminal.write(written, done),
		text,
		until,
		shows: (pattern) => until(`showed ${String(pattern)}`, () => matches(pattern)),
		hides: (pattern) => until(`hid ${String(pattern)}`, () => !matches(pattern)),
		settled: () => new Promise((resolve) => terminal.write('', resolve)),
		clipboard: () => clipboard,
		cells: () => cells(terminal.buffer.active, terminal.rows, terminal.cols),
		alternate: () => terminal.buffer.active.type === 'alternate',
		modes: () => [...modes].flatMap(([mode, isOn]) => (isOn === onAtFirst.has(mode) ? [] : [mode])),
		scrollback: () =>
			lines(terminal.buffer.normal, terminal.buffer.normal.length, terminal.cols).join('\n'),
		resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
		close: () => terminal.dispose(),
	};
}

type ScreenBuffer = (typeof xterm.Terminal)['prototype']['buffer']['active'];

function cells(buffer: ScreenBuffer, rows: number, columns: number): Cell[][] {
	return Array.from({length: rows}, (_, row) => {
		const line = buffer.getLine(buffer.viewportY + row);
		return Array.from({length: columns}, (__, column): Cell => {
			const cell = line?.getCell(column);
			return {
				text: cell?.getChars() ?? '',
				columns: cell?.getWidth() ?? 1,
				color: colorOf(cell?.isFgPalette(), cell?.isFgRGB(), cell?.getFgColor()),
				ground: colorOf(cell?.isBgPalette(), cell?.isBgRGB(), cell?.getBgColor()),
				bold: cell !== undefined && cell.isBold() !== 0,
				dim: cell !== undefined && cell.isDim() !== 0,
				inverse: cell !== undefined && cell.isInverse() !== 0,
				underline: cell !== undefined && cell.isUnderline() !== 0,
			};
		});
	});
}

function colorOf(isIndex = false, isRgb = false, value = 0): Cell['color'] {
	if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
	return isIndex ? value : undefined;
}

/** The emulator keeps cells beyond the edge after a resize; nobody sees those. */
function lines(buffer: ScreenBuffer, rows: number, columns: number): string[] {
	const first = buffer.type === 'alternate' ? 0 : Math.max(0, buffer.length - rows);
	return Array.from({length: rows}, (_, row) =>
		(buffer.getLine(first + row)?.translateToString(true, 0, columns) ?? '').trimEnd(),
	);
}
