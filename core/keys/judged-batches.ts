import type {Position, Slice} from '../db/position.ts';

/*
Judging all keys of a place: a batch at a time, each by one short statement, between which no connection is
held. The counts of a large appliance take as many as it needs.
*/

/** Keys of one statement: well within the bound of one, also on a busy machine. */
const batchSize = 10_000;
/** Where nothing is counted: a page is mostly full with the keys that come next. */
const pageBatchSize = 2000;

/** What a statement says of a batch of keys, oldest first. */
export type JudgedBatch<Found> = {
	/** Those that were asked for. */
	found: Found[];
	/** How many keys were read, dead ones among them, and where the last of them is. */
	read: number;
	last_created_at: Date | null;
	last_id: string | null;
};

/** Of a `part` of the keys that is read in order: the columns of `JudgedBatch` but for what is found. */
export const endOfPart = `(select count(*)::int from part) as read,
	(select created_at from part order by created_at desc, id desc limit 1) as last_created_at,
	(select id from part order by created_at desc, id desc limit 1) as last_id`;

/** Which keys a statement judges, and how many of them it may find at most. */
export type KeyBatch = {position: Position | undefined; batch: number; most: number};

/**
 * Judges batches until a slice is full; where it is the first one, all keys, for what is counted.
 *
 * @param position where the slice begins
 */
export async function judgeInBatches<Batch extends JudgedBatch<unknown>>(
	{limit, position}: Slice,
	judge: (keys: KeyBatch) => Promise<Batch>,
): Promise<Batch[]> {
	const isFirst = position === undefined;
	const batch = isFirst ? batchSize : pageBatchSize;
	const batches: Batch[] = [];
	let most = limit;
	for (let from = position; ;) {
		const part = await judge({position: from, batch, most});
		batches.push(part);
		most -= part.found.length;
		if (part.read < batch || part.last_created_at === null || part.last_id === null) break;
		if (!isFirst && most <= 0) break;
		from = {createdAt: part.last_created_at.toISOString(), id: part.last_id};
	}
	return batches;
}
