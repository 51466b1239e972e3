import {fstatSync, write, writeSync} from 'node:fs';
import type {DestinationStream} from 'pino';

/**
 * Lines are written in pieces of this many characters, or after this time: a system call for each
 * costs more than a decision about a key.
 */
const pieceLength = 16 * 1024;
const writeEveryMs = 100;
/** What is held while nothing can be written; further lines are lost, and counted. */
const mostHeld = 1024 * 1024;
/** A process that ends waits this long for a pipe that is full, and for a write under way. */
const lastWaitMs = 200;
const underWayMs = 20;

let lost = 0;

/** Log lines of this process that were never written. */
export const lostLines = (): number => lost;

/**
 * Standard output as a destination for log lines, which are joined before they are written. A disk
 * that is full, a pipe that nobody empties or that is closed stops nobody: what cannot be written is
 * held up to a bound and tried again, the rest is lost and, when it works again, told. A process that
 * ends, in whatever way it can notice, writes what it holds.
 *
 * @param noteOf the line that tells how many were lost
 */
export function createStandardOutput(
	noteOf: (count: number) => string,
): DestinationStream & {flushSync: () => void} {
	const fd = 1;
	const isPipe = isPipeOrSocket(fd);
	// A write into a full pipe would wait for its reader, and so would the end of the process. Node
	// makes the pipe answer EAGAIN instead once it has been asked for its stream.
	if (isPipe) void process.stdout;
	let held = '';
	/** The part of what was held that is being written, from where it has not been. */
	let piece = Buffer.alloc(0);
	let isWriting = false;
	let isFailing = false;
	let untold = 0;

	const hasRoom = () => held.length + piece.length < mostHeld;

	function hold(line: string): void {
		if (!hasRoom()) {
			lost++;
			untold++;
			return;
		}
		tell();
		held += line;
		if (held.length >= pieceLength && !isFailing) writeOn();
	}

	/** At the place where the lines are missing. */
	function tell(): void {
		if (untold === 0 || !hasRoom()) return;
		held += noteOf(untold);
		untold = 0;
	}

	function nextPiece(): Buffer {
		if (piece.length === 0 && held !== '') {
			piece = Buffer.from(held);
			held = '';
		}
		return piece;
	}

	/** A pipe that has room takes it at once; a disk may keep us waiting, so that is left to others. */
	function writeOn(): void {
		if (isWriting) return;
		while (nextPiece().length > 0) {
			if (!isPipe) {
				isWriting = true;
				write(fd, piece, 0, piece.length, null, (error, count) => {
					isWriting = false;
					isFailing = error !== null;
					piece = piece.subarray(isFailing ? 0 : count);
					if (!isFailing && (piece.length > 0 || held.length >= pieceLength)) writeOn();
				});
				return;
			}
			isFailing = !writeSome();
			if (isFailing) return;
		}
	}

	/** @returns whether anything could be written */
	function writeSome(): boolean {
		try {
			piece = piece.subarray(writeSync(fd, piece));
			return true;
		} catch {
			return false;
		}
	}

	function flushSync(): void {
		tell();
		if (isWriting) {
			// What comes after it goes behind it.
			pause(underWayMs);
			const rest = held;
			held = '';
			try {
				writeSync(fd, rest);
			} catch {
				// As with the rest: it is lost.
			}
			return;
		}
		for (let waited = 0; nextPiece().length > 0 && waited <= lastWaitMs;) {
			if (writeSome()) continue;
			if (!isPipe || isFailing) return;
			pause(10);
			waited += 10;
		}
	}

	process.on('exit', flushSync);
	setInterval(() => {
		tell();
		writeOn();
	}, writeEveryMs).unref();
	return {write: hold, flushSync};
}

function isPipeOrSocket(fd: number): boolean {
	try {
		const stats = fstatSync(fd);
		return stats.isFIFO() || stats.isSocket();
	} catch {
		return false;
	}
}

function pause(ms: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
