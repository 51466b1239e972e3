import {Readable} from 'node:stream';
import type {Context} from 'koa';
import {Problem} from './problem.ts';

/** A client that takes nothing for this long is let go. */
const stalledMs = 30_000;

export type StreamSender = (
	ctx: Context,
	holder: string,
	texts: AsyncIterable<string>,
) => Readable | Problem;

/**
 * Sends long answers as they are read, as fast as they are taken: a client that goes away ends the
 * reading, and where the reading fails the connection is broken off, so that half an answer never
 * looks like a whole one.
 *
 * @param most of one kind that a process sends at a time: a slow client takes minutes
 * @param mostOfOne of these for one holder, so that nobody has all of them
 */
export function createStreamSender({
	most,
	mostOfOne,
}: {
	most: number;
	mostOfOne: number;
}): StreamSender {
	const underWay = new Map<string, number>();
	let total = 0;

	// Counted once it is read: of an answer to HEAD nothing is.
	async function* counted(holder: string, texts: AsyncIterable<string>) {
		const change = (by: 1 | -1) => {
			total += by;
			const count = (underWay.get(holder) ?? 0) + by;
			if (count === 0) underWay.delete(holder);
			else underWay.set(holder, count);
		};
		change(1);
		try {
			yield* texts;
		} finally {
			change(-1);
		}
	}

	return (ctx, holder, texts) => {
		if (total >= most || (underWay.get(holder) ?? 0) >= mostOfOne) return new Problem('overloaded');
		ctx.res.setTimeout(stalledMs, () => ctx.res.destroy());
		return Readable.from(counted(holder, texts), {objectMode: false});
	};
}
