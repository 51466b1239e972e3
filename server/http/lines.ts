import type {Readable} from 'node:stream';
import type {Knex} from 'knex';
import type {Context} from 'koa';
import type {By} from '../../core/actor.ts';
import {confirmRights} from '../../core/audit/trail/rights.ts';
import {isReadOnly} from '../../core/db/faults.ts';
import {Problem} from './problem.ts';
import {createStreamSender} from './streams.ts';

/** Exports of one kind that a process sends at a time: each may take minutes. */
const mostAtOnce = 8;
/** Whoever takes a file is decided about again this often. */
const confirmEveryMs = 1000;

export type LineSender = (
	ctx: Context,
	by: By,
	fileName: string,
	lines: AsyncIterable<string>,
) => Readable | Problem;

/**
 * Sends files of lines as they are taken. Whoever loses the right to one gets no more of it, as if the
 * connection had failed.
 */
export function createLineSender(db: Knex): LineSender {
	const send = createStreamSender({most: mostAtOnce, mostOfOne: mostAtOnce});

	/** @throws {RightsChanged} */
	async function confirm(by: By): Promise<void> {
		try {
			await db.transaction((transaction) => confirmRights(transaction, by));
		} catch (error) {
			// Where nothing can be changed no right was taken away, and none can be held.
			if (!isReadOnly(error)) throw error;
		}
	}

	async function* confirmed(by: By, lines: AsyncIterable<string>): AsyncGenerator<string, void> {
		let confirmedAt = performance.now();
		for await (const line of lines) {
			if (performance.now() - confirmedAt > confirmEveryMs) {
				await confirm(by);
				confirmedAt = performance.now();
			}
			yield line;
		}
	}

	return (ctx, by, fileName, lines) => {
		const stream = send(ctx, fileName, confirmed(by, lines));
		if (stream instanceof Problem) return stream;
		ctx.set('Content-Disposition', `attachment; filename="${fileName}"`);
		return stream;
	};
}
