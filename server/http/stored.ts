import {hash} from 'node:crypto';
import type {Context} from 'koa';
import {isTagFresh} from './tagged.ts';

/** An answer that is the same for everybody: bytes that are made once, with their `ETag`. */
export class StoredAnswer<Shown> {
	/** What the bytes show. */
	declare readonly shown: Shown;
	readonly #bytes: Buffer;
	readonly #digest: string;

	constructor(text: string) {
		this.#bytes = Buffer.from(text);
		this.#digest = hash('sha256', this.#bytes);
	}

	respond(ctx: Context): undefined {
		// It may be kept, and is asked about each time.
		ctx.set('Cache-Control', 'no-cache');
		if (isTagFresh(ctx, this.#digest)) return;
		if (ctx.response.type === '') ctx.type = 'json';
		ctx.body = this.#bytes;
	}
}
