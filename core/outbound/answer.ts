import type {Socket} from 'node:net';
import {OutboundFault} from './fault.ts';

/** Longest head of an answer, interim answers included, in bytes. */
const mostHead = 65_536;
/** Empty lines before an answer. */
const mostEmptyLines = 4;

export type AnswerHead = {
	statusCode: number;
	/** By name in lower case, each with its values in the order they came. */
	headers: ReadonlyMap<string, readonly string[]>;
};

export type Body = {bytes: Buffer; /** There was more, which was not read. */ isCut: boolean};

/**
 * Reads the one answer that is wanted of a connection (RFC 9112), as tolerantly as curl, as receivers
 * are tried with that. Node's parser refuses what may smuggle a second message into a connection that
 * goes on; this one ends with the answer. So bare LF ends a line, any reason or none will do, names of
 * headers may hold anything, blanks and line breaks stand where they like, lengths may be said twice or
 * beside chunks, and what follows the answer is not read.
 */
export class AnswerReader {
	readonly #source: AsyncIterator<Buffer>;
	#chunk: Buffer = Buffer.alloc(0);

	constructor(socket: Socket) {
		this.#source = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
	}

	/**
	 * The head of the final answer; interim ones are skipped.
	 *
	 * @throws {OutboundFault} for what is not an answer; other errors where the connection breaks
	 */
	async head(): Promise<AnswerHead> {
		const budget = {left: mostHead};
		for (;;) {
			const statusCode = statusOf(await this.#firstLine(budget));
			const headers = await this.#headers(budget);
			if (statusCode === 101) throw new OutboundFault('reset', 'it changed the protocol');
			if (statusCode >= 200) return {statusCode, headers};
		}
	}

	/** The body that a head announces, as far as it is wanted. @param most bytes that are read */
	async body({statusCode, headers}: AnswerHead, most: number): Promise<Body> {
		if (statusCode === 204 || statusCode === 304) return {bytes: Buffer.alloc(0), isCut: false};
		const encodings = headers.get('transfer-encoding')?.join().toLowerCase() ?? '';
		if (/(^|,)\s*chunked\s*(,|$)/.test(encodings)) return this.#chunks(most);
		const length = encodings === '' ? lengthOf(headers) : undefined;
		if (length === undefined) return this.#untilEnd(most);
		const bytes = await this.#take(Math.min(length, most));
		if (bytes.length < Math.min(length, most)) throw cutOff();
		return {bytes, isCut: length > most};
	}

	async #firstLine(budget: {left: number}): Promise<string> {
		for (let i = 0; i <= mostEmptyLines; i++) {
			const line = await this.#line(budget);
			if (line === undefined) throw new OutboundFault('reset', 'the connection ended');
			if (line !== '') return line;
		}
		throw noHttp();
	}

	/** Up to the empty line; an answer that ends with a whole line is as good. */
	async #headers(budget: {left: number}): Promise<Map<string, string[]>> {
		const found = new Map<string, string[]>();
		let values: string[] | undefined;
		for (;;) {
			const line = await this.#line(budget);
			if (line === undefined || line === '') return found;
			if (/^[ \t]/.test(line)) {
				// The line before goes on (RFC 9112, 5.2).
				const last = values?.pop();
				if (last !== undefined) values?.push(`${last} ${line.trim()}`);
				continue;
			}
			const colon = line.indexOf(':');
			const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
			values = found.get(name) ?? [];
			values.push(line.slice(colon + 1).trim());
			if (name !== '') found.set(name, values);
		}
	}

	async #chunks(most: number): Promise<Body> {
		const found: Buffer[] = [];
		let left = most;
		for (;;) {
			const line = await this.#line({left: mostHead});
			const size = /^([\da-f]{1,12})[ \t]*(;.*)?$/i.exec(line ?? '')?.[1];
			if (line === undefined) throw cutOff();
			if (size === undefined) throw noHttp();
			const length = Number.parseInt(size, 16);
			// What may follow the last chunk says nothing that is wanted.
			if (length === 0) return {bytes: Buffer.concat(found), isCut: false};
			const bytes = await this.#take(Math.min(length, left));
			if (bytes.length < Math.min(length, left)) throw cutOff();
			found.push(bytes);
			left -= bytes.length;
			if (left === 0) return {bytes: Buffer.concat(found), isCut: true};
			if ((await this.#line({left: mostHead})) !== '') throw cutOff();
		}
	}

	async #untilEnd(most: number): Promise<Body> {
		const bytes = await this.#take(most);
		return {bytes, isCut: bytes.length === most};
	}

	/**
	 * A line without its end.
	 *
	 * @param budget what may be read yet
	 * @returns undefined where the connection ends before the line does
	 */
	async #line(budget: {left: number}): Promise<string | undefined> {
		const parts: Buffer[] = [];
		for (;;) {
			const end = this.#chunk.indexOf(10);
			const part = end < 0 ? this.#chunk : this.#chunk.subarray(0, end + 1);
			this.#chunk = this.#chunk.subarray(part.length);
			budget.left -= part.length;
			if (budget.left < 0) {
				throw new OutboundFault('reset', `the answer has a head of more than ${mostHead} bytes`);
			}
			parts.push(part);
			if (end >= 0) {
				return Buffer.concat(parts)
					.toString('latin1')
					.replace(/\r?\n$/, '');
			}
			if (!(await this.#fill())) return undefined;
		}
	}

	/** So many bytes, or fewer where the connection ends. */
	async #take(count: number): Promise<Buffer> {
		const parts: Buffer[] = [];
		let left = count;
		while (left > 0) {
			if (this.#chunk.length === 0 && !(await this.#fill())) break;
			const part = this.#chunk.subarray(0, left);
			this.#chunk = this.#chunk.subarray(part.length);
			parts.push(part);
			left -= part.length;
		}
		return Buffer.concat(parts);
	}

	/** @returns false at the end of the connection */
	async #fill(): Promise<boolean> {
		const next = await this.#source.next();
		if (next.done === true) return false;
		this.#chunk = next.value;
		return true;
	}
}

/** The first value of a header. */
export function headerOf({headers}: AnswerHead, name: string): string | undefined {
	return headers.get(name)?.[0];
}

function statusOf(line: string): number {
	const status = Number(/^HTTP\/\d(?:\.\d)? *(\d{3})(?!\d)/i.exec(line)?.[1]);
	if (!(status >= 100)) throw noHttp();
	return status;
}

/** What the last of them says; undefined: the body ends with the connection. */
function lengthOf(headers: AnswerHead['headers']): number | undefined {
	const digits = /^\+?(\d{1,15})(?!\d)/.exec(headers.get('content-length')?.at(-1) ?? '')?.[1];
	return digits === undefined ? undefined : Number(digits);
}

function noHttp(): OutboundFault {
	return new OutboundFault('reset', 'the answer is not HTTP');
}

function cutOff(): OutboundFault {
	return new OutboundFault('reset', 'the answer was cut off');
}
