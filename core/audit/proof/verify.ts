import type {Knex} from 'knex';
import {findOrganisation} from '../../organisations/store.ts';
import {
	beginningOf,
	ChainWalk,
	type Entry,
	type Finding,
	type SignedHead,
	type Head,
} from '../chain.ts';
import {checkHead, cutOff, findSoundHead, Forged, type AuditKeys, type HeldHead} from './heads.ts';
import {findHead, readEntries, readSignedHeads} from '../store.ts';

/** Entries read at once; the next ones are on their way while these are checked. */
const batchSize = 2000;

export type Verified = {head: Head; entries: number; signedHeads: number};

export type ChainVerification = {
	db: Knex;
	chain: string;
	keys: AuditKeys;
	/** Heads of this chain that were kept outside, to compare with. */
	kept?: readonly HeldHead[];
	signal?: AbortSignal;
};

/**
 * Checks a whole chain, in constant memory and without holding anything in PostgreSQL: every entry
 * against its hash and the one before, every head that was signed or kept against its entry, and
 * the end against all heads. Entries may be added meanwhile.
 *
 * @returns the first fault, or what was checked; a signed head whose signature is none hides no
 *   other fault
 */
export async function verifyChain(options: ChainVerification): Promise<Finding | Verified> {
	const {db, chain, keys, kept = []} = options;
	const walk = new ChainWalk(beginningOf(chain));
	const forged = new Forged();
	let signedHeads = 0;
	for (let ended = -1; ; ended = walk.head.sequence) {
		for await (const entries of batches(options, walk.head.sequence)) {
			const through = entries.at(-1)?.sequence ?? 0;
			const signed = await readSignedHeads(db, chain, walk.head.sequence, through);
			const sound = signed.filter((head) => !forged.take(head, keys));
			signedHeads += sound.length;
			const held = Map.groupBy<number, HeldHead>([...sound, ...kept], (head) => head.sequence);
			for (const entry of entries) {
				const fault = walk.next(entry);
				if (fault !== undefined) return fault;
				for (const head of held.get(entry.sequence) ?? []) {
					const disagreement = checkHead(head, entry.hash, keys);
					if (disagreement !== undefined) return disagreement;
				}
			}
		}
		const {head: signed, forged: above} = await findSoundHead(db, chain, keys);
		const end = await compareEnd(db, walk.head, kept, signed);
		if (end === 'agrees') {
			const {head} = walk;
			return forged.finding ?? above.finding ?? {head, entries: head.sequence, signedHeads};
		}
		// What seems to be missing may have been added since the last look.
		if (end.isBeyond && walk.head.sequence !== ended) continue;
		return end.fault;
	}
}

/** Compares where a chain ends with every head that says so. */
async function compareEnd(
	db: Knex,
	last: Head,
	kept: readonly HeldHead[],
	signed: SignedHead | undefined,
): Promise<'agrees' | {fault: Finding; isBeyond: boolean}> {
	const {chain, sequence, hash} = last;
	const head = await findHead(db, chain);
	for (const [candidate, by] of [
		...kept.map((each) => [each, 'kept'] as const),
		[signed, 'signed'],
		[head, 'recorded'],
	] as const) {
		if (candidate === undefined || candidate.sequence <= sequence) continue;
		return {fault: cutOff(candidate, last, by), isBeyond: true};
	}
	const at = (place: number, fault: string) => ({
		fault: {chain, sequence: place, fault},
		isBeyond: false,
	});
	if (head === undefined) {
		if (sequence > 0) return at(sequence, 'the record of where the chain ends is missing');
		const organisation = await findOrganisation(db, chain);
		return organisation === undefined ? 'agrees' : at(1, 'the organisation has no entry at all');
	}
	if (head.sequence < sequence) {
		const first = head.sequence + 1;
		return at(first, `entry ${first} stands after the end that is recorded`);
	}
	return head.hash.equals(hash) ? 'agrees' : at(sequence, 'the record of the end disagrees');
}

/**
 * The entries of a chain in batches until none is left; the next are on their way while some are
 * looked at.
 */
export async function* batches(
	{db, chain, signal}: Pick<ChainVerification, 'db' | 'chain' | 'signal'>,
	after: number,
	before?: number,
): AsyncGenerator<Entry[], void> {
	let next = readEntries(db, chain, after, batchSize, before);
	for (;;) {
		const entries = await next;
		signal?.throwIfAborted();
		const last = entries.at(-1);
		if (last === undefined) return;
		next = readEntries(db, chain, last.sequence, batchSize, before);
		// Whoever stops in between leaves it unread.
		next.catch(() => {});
		yield entries;
	}
}
