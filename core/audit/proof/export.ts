import type {Knex} from 'knex';
import type {Log} from '../../log.ts';
import type {Signer} from '../../signing/keys.ts';
import {beginningOf, ChainWalk, type Head} from '../chain.ts';
import {entryLine, firstLine, lastLine} from './export-format.ts';
import {signHead, type HeldHead} from './heads.ts';
import {findHead, readEntries, sequenceAt} from '../store.ts';

/** Few enough for the request path's bound on a statement, and for a client that reads slowly. */
const batchSize = 500;

/** A part of a chain: after one entry, before another. */
export type Part = {from: Head; before: number};

/**
 * The part of a chain that is asked for, as it stands now. Entries that come later are left out, or
 * a busy chain would never end.
 *
 * @returns undefined when `after` is not an entry of the chain
 */
export async function partOf(
	db: Knex,
	chain: string,
	query: {after?: number | undefined; since?: Date | undefined; until?: Date | undefined},
): Promise<Part | undefined> {
	const head = (await findHead(db, chain)) ?? beginningOf(chain);
	const since = await sequenceAt(db, chain, query.since);
	const until = await sequenceAt(db, chain, query.until);
	const after = Math.max(query.after ?? 0, (since ?? 1) - 1);
	const before = Math.max(Math.min(until ?? Number.MAX_SAFE_INTEGER, head.sequence + 1), after + 1);
	if (after === 0) return {from: beginningOf(chain), before};
	const [entry] = await readEntries(db, chain, after - 1, 1);
	if (entry?.sequence !== after) return undefined;
	return {from: {chain, sequence: after, hash: entry.hash}, before};
}

/**
 * A part of a chain as lines of JSON, oldest first: read in short statements, as fast as they are
 * taken, with nothing held in between. The end is signed, so that a file that was cut off shows;
 * where the chain does not verify, it is not signed.
 *
 * @throws when PostgreSQL goes away: the export ends without its last line
 */
export async function* exportLines(
	{db, signer, log}: {db: Knex; signer: Signer; log: Log},
	{from, before}: Part,
): AsyncGenerator<string, void> {
	const {chain} = from;
	const walk = new ChainWalk(from);
	let last: HeldHead = from;
	let isSound = true;
	yield firstLine(from);
	for (;;) {
		const entries = await readEntries(db, chain, last.sequence, batchSize, before);
		if (entries.length === 0) break;
		let text = '';
		for (const entry of entries) {
			text += entryLine(entry);
			const fault = isSound ? walk.next(entry) : undefined;
			if (fault === undefined) continue;
			isSound = false;
			log.error({...fault}, 'the audit trail does not verify; its export is not signed');
		}
		const {sequence, hash} = entries.at(-1) ?? last;
		last = {chain, sequence, hash};
		yield text;
	}
	yield lastLine(isSound ? await signHead(signer, walk.head) : last);
}
