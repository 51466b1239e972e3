import {open, rename, stat} from 'node:fs/promises';

const rotateAbove = 10 * 1024 * 1024;
/** What a program may write between two looks and still be read whole. */
const readAtMost = 1024 * 1024;
const lookEveryMs = 250;

/**
 * Puts a log aside that has grown large (one generation is kept); if that fails, it goes on
 * growing.
 */
export async function rotate(file: string): Promise<void> {
	const size = await stat(file).then(
		(stats) => stats.size,
		() => 0,
	);
	if (size > rotateAbove) await rename(file, `${file}.1`).catch(() => undefined);
}

/**
 * Calls `onLine` for each whole line that is appended to a file from now on. A flood is skipped
 * rather than kept up with: the file has it all.
 *
 * @returns `flush`, which reads what there is still, and `end`, which does so and stops.
 */
export async function follow(file: string, onLine: (line: string) => void) {
	let offset = await stat(file).then(
		(stats) => stats.size,
		() => 0,
	);
	let rest = '';
	let reading: Promise<void> = Promise.resolve();

	const read = async () => {
		const handle = await open(file, 'r').catch(() => undefined);
		if (!handle) return;
		try {
			const {size} = await handle.stat();
			// Somebody made room by emptying it.
			if (size < offset) {
				offset = 0;
				rest = '';
			}
			if (size - offset > readAtMost) {
				offset = size - readAtMost;
				rest = '';
			}
			const buffer = Buffer.alloc(Math.max(0, size - offset));
			const {bytesRead} = await handle.read(buffer, 0, buffer.length, offset);
			offset += bytesRead;
			const lines = (rest + buffer.subarray(0, bytesRead).toString()).split('\n');
			rest = lines.pop() ?? '';
			lines.forEach((line) => onLine(line));
		} finally {
			await handle.close();
		}
	};
	const timer = setInterval(() => {
		reading = reading.then(read).catch(() => undefined);
	}, lookEveryMs);
	timer.unref();

	const flush = async () => {
		reading = reading.then(read).catch(() => undefined);
		await reading;
	};
	return {
		flush,
		async end() {
			clearInterval(timer);
			await flush();
			if (rest) onLine(rest);
		},
	};
}

const shown: Record<string, string> = {warn: 'warning', error: 'error', fatal: 'fatal'};

/**
 * @returns a log line as a person reads it, or undefined for one of no concern at a terminal (below
 * warning). What is not JSON (Node's own last words) is passed on as it is.
 */
export function readable(line: string): string | undefined {
	let entry: unknown;
	try {
		entry = JSON.parse(line);
	} catch {
		return line.trim() === '' ? undefined : line;
	}
	if (typeof entry !== 'object' || entry === null) return line;
	const {level, msg, error} = entry as Record<string, unknown>;
	const name = shown[String(level)];
	if (!name) return undefined;
	const cause = typeof error === 'object' && error !== null ? Object(error).message : undefined;
	const reason = typeof cause === 'string' && cause !== msg ? ` (${cause})` : '';
	return `${name}: ${typeof msg === 'string' ? msg : 'no message'}${reason}`;
}
