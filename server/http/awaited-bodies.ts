import {finished} from 'node:stream';
import type {IncomingMessage} from 'node:http';

/** A body that has begun to come. */
type Awaited = {size: number; giveUp: () => void};

/**
 * Reads bodies, and bounds what those that have not wholly come may hold of memory. Beyond it the
 * one that has been awaited longest is given up: a body of a client that wants an answer is whole
 * within moments, so that whoever sends slowly, however many they are, stops themselves only.
 */
export class AwaitedBodies {
	readonly #mostBytes: number;
	/** In the order of their beginning. */
	readonly #awaited = new Set<Awaited>();
	#held = 0;

	constructor(mostBytes: number) {
		this.#mostBytes = mostBytes;
	}

	/**
	 * @param mostBytes of this body
	 * @returns all of it, or why not: it has more bytes, or was given up
	 * @throws when the client goes away
	 */
	read(request: IncomingMessage, mostBytes: number): Promise<Buffer | 'too large' | 'given up'> {
		return new Promise((resolve, reject) => {
			const chunks: Buffer[] = [];
			const body: Awaited = {size: 0, giveUp: () => end(() => resolve('given up'))};
			this.#awaited.add(body);
			const end = (settle: () => void) => {
				if (!this.#awaited.delete(body)) return;
				this.#held -= body.size;
				request.off('data', take);
				// Not destroyed: the answer must still reach the client. Node discards the rest.
				request.resume();
				settle();
			};
			const take = (chunk: Buffer) => {
				chunks.push(chunk);
				body.size += chunk.length;
				this.#held += chunk.length;
				if (body.size > mostBytes) end(() => resolve('too large'));
				else this.#keepBound();
			};
			request.on('data', take);
			// Also of a request whose client has gone before.
			finished(request, {writable: false}, (error) => {
				end(() => (error ? reject(error) : resolve(Buffer.concat(chunks, body.size))));
			});
		});
	}

	#keepBound(): void {
		for (const body of this.#awaited) {
			if (this.#held <= this.#mostBytes) return;
			body.giveUp();
		}
	}
}

/** As much as a thousand of the largest bodies. */
export const awaitedBodies = new AwaitedBodies(64 * 1024 * 1024);
