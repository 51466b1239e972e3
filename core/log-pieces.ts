import pino, {type DestinationStream} from 'pino';

/**
 * Lines are written in pieces of this many characters, or after this time: a system call for each
 * costs more than a decision about a key.
 */
const pieceLength = 16 * 1024;
const writeEveryMs = 100;

/**
 * A destination for log lines that joins them before it hands them on: pino's own counts the bytes
 * of all that waits anew for every line. A process that ends, in whatever way it can notice, writes
 * the rest.
 *
 * @param fd file descriptor, such as 1 for standard output
 */
export function piecesTo(fd: number): DestinationStream & {flushSync: () => void} {
	let held = '';
	const handOver = () => {
		if (held === '') return;
		const piece = Buffer.from(held);
		held = '';
		// Typed for text, but told by `contentMode` to take bytes.
		(stream as unknown as {write: (bytes: Buffer) => void}).write(piece);
	};
	// All before the destination has its own: what is held reaches it first.
	process.on('beforeExit', handOver);
	process.on('exit', handOver);
	setInterval(handOver, writeEveryMs).unref();
	const stream = pino.destination({
		fd,
		sync: false,
		contentMode: 'buffer',
		minLength: pieceLength,
		maxWrite: 4 * pieceLength,
		periodicFlush: writeEveryMs,
	});
	return {
		write(line) {
			held += line;
			if (held.length >= pieceLength) handOver();
		},
		flushSync() {
			handOver();
			stream.flushSync();
		},
	};
}
