import {Readable} from 'node:stream';
import type {Context} from 'koa';
import {Problem} from './problem.ts';

/** Exports of one kind that a process sends at a time: each may take minutes. */
const mostAtOnce = 8;
/** A client that takes nothing for this long is let go. */
const stalledMs = 30_000;

export type LineSender = (
	ctx: Context,
	fileName: string,
	lines: AsyncIterable<string>,
) => Readable | Problem;

/** Sends files of lines as they are taken: a client that goes away ends the reading. */
export function lineSender(): LineSender {
	let underWay = 0;

	async function* counted(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
		underWay++;
		try {
			yield* lines;
		} finally {
			underWay--;
		}
	}

	return (ctx, fileName, lines) => {
		if (underWay >= mostAtOnce) return new Problem('overloaded');
		ctx.res.setTimeout(stalledMs, () => ctx.res.destroy());
		ctx.set('Content-Disposition', `attachment; filename="${fileName}"`);
		return Readable.from(counted(lines), {objectMode: false});
	};
}
