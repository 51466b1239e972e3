import fs from 'node:fs';
import {Failure} from '../failure.ts';
import type {Terminal} from '../terminal/terminal.ts';

/*
 * What a command answers reaches whoever asked, or it says that it did not. A file may take part of it,
 * or nothing (a full disk), without a word from Node's own stream, which writes once and does not
 * look at how much went; of a pipe whose reader is gone the stream tells afterwards.
 */

type Stream = NodeJS.WritableStream & {fd?: unknown; isTTY?: boolean};

/** Streams whose writer waits for what becomes of a write, and deals with it. */
const waitedFor = new WeakSet<Stream>();

/** Whether somebody deals with a write to a stream that fails. */
export function isWaitedFor(stream: Stream): boolean {
	return waitedFor.has(stream);
}

/** Writes part of an answer; false where the stream wants a pause. @throws {Failure} where a file takes no more */
export function put({stdout}: Pick<Terminal, 'stdout'>, text: string | Buffer): boolean {
	const descriptor = fileOf(stdout);
	if (descriptor === undefined) return stdout.write(text);
	try {
		writeWhole(descriptor, text);
		return true;
	} catch (error) {
		throw unwritten(error);
	}
}

/** Writes part of a long answer, and waits until there is room for more. @throws {Failure} */
export async function pour(
	terminal: Pick<Terminal, 'stdout'>,
	text: string | Buffer,
): Promise<void> {
	if (put(terminal, text)) return;
	await new Promise((resolve) => terminal.stdout.once('drain', resolve));
}

/**
 * Writes what is shown once, and waits until it is with the file, the terminal or the pipe. A reader
 * that ends without reading what is in its pipe cannot be seen from here.
 *
 * @throws {Failure} where it is not
 */
export async function handOver({stdout}: Terminal, text: string): Promise<void> {
	const descriptor = fileOf(stdout);
	try {
		if (descriptor !== undefined) {
			writeWhole(descriptor, text);
			sync(descriptor);
			return;
		}
		// For good: the event of a failed write comes after its callback.
		waitedFor.add(stdout);
		await new Promise<void>((resolve, reject) => {
			stdout.write(text, (error) => {
				if (error === null || error === undefined) resolve();
				else reject(error);
			});
		});
		waitedFor.delete(stdout);
	} catch (error) {
		throw unwritten(error);
	}
}

/**
 * Looks whether an answer could be written, as far as that can be known without writing anything.
 *
 * @throws {Failure} where it could not
 */
export function checkOutput({stdout}: Pick<Terminal, 'stdout'>): void {
	const descriptor = fileOf(stdout);
	if (descriptor === undefined) return;
	try {
		// Nothing is written, yet a device that is full says so.
		fs.writeSync(descriptor, '');
		if (fs.fstatSync(descriptor).isFile() && freeBlocks(descriptor) === 0) {
			throw Object.assign(new Error('no space'), {code: 'ENOSPC'});
		}
	} catch (error) {
		throw unwritten(error);
	}
}

/** Undefined where the system does not tell: some file systems have no size, and say 0 of everything. */
function freeBlocks(descriptor: number): number | undefined {
	try {
		const {blocks, bavail} = fs.statfsSync(`/dev/fd/${descriptor}`);
		return blocks === 0 ? undefined : bavail;
	} catch {
		return undefined;
	}
}

/** All of a text, however little goes at a time; from `position` on, else where the file stands. */
export function writeWhole(descriptor: number, text: string | Buffer, position?: number): void {
	const bytes = Buffer.from(text as string);
	for (let written = 0; written < bytes.length;) {
		const at = position === undefined ? null : position + written;
		written += fs.writeSync(descriptor, bytes, written, bytes.length - written, at);
	}
}

/** Waits for the disk, where there is one. */
export function sync(descriptor: number): void {
	try {
		fs.fsyncSync(descriptor);
	} catch (error) {
		if (!['EINVAL', 'ENOTSUP', 'EROFS'].includes(codeOf(error))) throw error;
	}
}

function fileOf(stream: Stream): number | undefined {
	const {fd, isTTY} = stream;
	if (typeof fd !== 'number' || isTTY === true) return undefined;
	const is = fs.fstatSync(fd);
	return is.isFile() || is.isCharacterDevice() ? fd : undefined;
}

const reasons: Readonly<Record<string, string>> = {
	ENOSPC: 'no space is left there',
	EDQUOT: 'the quota is used up',
	EFBIG: 'the file would be too large',
	EPIPE: 'nobody reads it any more',
	EIO: 'the terminal or the disk is gone',
};

/** Why something could not be written, in a sentence. */
export function reasonOf(error: unknown): string {
	const code = codeOf(error);
	return reasons[code] ?? (code === '' ? String(error) : code);
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** As what a command fails with that cannot write its answer. */
export function unwritten(error: unknown): Failure {
	return new Failure('unexpected', `The answer could not be written: ${reasonOf(error)}`, {
		code: 'output_failed',
		reason: reasonOf(error),
	});
}
