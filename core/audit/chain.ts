import {hash as digest} from 'node:crypto';

/** A place in a chain and the hash that holds everything up to it. Sequence 0: before the first. */
export type Head = {chain: string; sequence: number; hash: Buffer};

export type SignedHead = Head & {keyId: string; signature: Buffer};

/** An entry as it stands in its chain. */
export type Entry = {
	sequence: number;
	/** Microseconds since 1970. */
	recordedAt: number;
	/** JSON, exactly as it was hashed. */
	content: string;
	/** Unknown where the entry was read from an export. */
	previousHash?: Buffer | undefined;
	hash: Buffer;
};

/** What is wrong with a chain, and at which entry it shows first. */
export type Finding = {chain: string; sequence: number; fault: string};

export function beginningOf(chain: string): Head {
	const bytes = Buffer.from(chain.replaceAll('-', ''), 'hex');
	return {chain, sequence: 0, hash: digest('sha256', bytes, 'buffer')};
}

/** The hash that an entry must have after `previous`; migrations/0003 computes the same. */
export function hashEntry(
	previous: Buffer,
	{sequence, recordedAt, content}: Pick<Entry, 'sequence' | 'recordedAt' | 'content'>,
): Buffer {
	// Node has a faster way for one buffer than for several updates.
	const length = 48 + Buffer.byteLength(content);
	const bytes = Buffer.allocUnsafe(length);
	previous.copy(bytes, 0, 0, 32);
	bytes.writeBigInt64BE(BigInt(sequence), 32);
	bytes.writeBigInt64BE(BigInt(recordedAt), 40);
	bytes.write(content, 48);
	return digest('sha256', bytes, 'buffer');
}

/** Follows a chain from a head that is trusted, entry by entry. */
export class ChainWalk {
	head: Head;

	constructor(from: Head) {
		this.head = from;
	}

	/** Takes the entry that comes next. @returns what is wrong with it; the walk ends there */
	next(entry: Entry): Finding | undefined {
		const {chain, sequence: last, hash: previous} = this.head;
		const {sequence, previousHash, hash} = entry;
		const expected = last + 1;
		if (sequence > expected) {
			const through = sequence - 1;
			const which = through === expected ? `${expected} is` : `${expected} to ${through} are`;
			return {chain, sequence: expected, fault: `entry ${which} missing`};
		}
		const at = (fault: string) => ({chain, sequence, fault: `entry ${sequence} ${fault}`});
		if (sequence < expected) return at(`stands after entry ${last}`);
		if (previousHash !== undefined && !previousHash.equals(previous)) {
			return at('does not follow the entry before it: one of the two was replaced or moved');
		}
		if (!hashEntry(previous, entry).equals(hash)) {
			const or = previousHash === undefined ? ', or the one before it was replaced' : '';
			return at(`was changed: its content, time or place does not give its hash${or}`);
		}
		this.head = {chain, sequence, hash};
		return undefined;
	}
}
