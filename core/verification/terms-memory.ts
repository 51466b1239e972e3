import type {KeyFacts} from '../keys/policy.ts';

/** What a key carries: terms, roles, labels. */
type Carried = Pick<KeyFacts, 'rules' | 'labels'>;
type Part = {readonly bytes: number};

/**
 * What the terms and labels of known keys take in memory, and which keys are to be forgotten where that
 * is too much. A key may carry hundreds of networks, and an organisation have any number of keys: by
 * their number alone, those of one would leave no memory for the others.
 *
 * Terms, roles and labels that several keys share are there once, and count once. Keys that carry
 * nothing are never among those that make room.
 */
export class TermsMemory {
	readonly #mostBytes: number;
	/** By slot, those that were read last at the end. */
	readonly #carried = new Map<number, Carried>();
	/** How many of those keys share each part. */
	readonly #keys = new Map<Part, number>();
	bytes = 0;

	constructor(mostBytes: number) {
		this.#mostBytes = mostBytes;
	}

	/** @param slot one that is not there */
	add(slot: number, carried: Carried): void {
		for (const part of partsOf(carried)) {
			const keys = this.#keys.get(part) ?? 0;
			if (keys === 0) this.bytes += part.bytes;
			this.#keys.set(part, keys + 1);
		}
		this.#carried.set(slot, carried);
	}

	delete(slot: number): void {
		const carried = this.#carried.get(slot);
		if (carried === undefined) return;
		this.#carried.delete(slot);
		for (const part of partsOf(carried)) {
			const keys = (this.#keys.get(part) ?? 0) - 1;
			if (keys > 0) {
				this.#keys.set(part, keys);
				continue;
			}
			this.#keys.delete(part);
			this.bytes -= part.bytes;
		}
	}

	clear(): void {
		this.#carried.clear();
		this.#keys.clear();
		this.bytes = 0;
	}

	/** The slots that make room, to be deleted one by one; never that of the key that was read last. */
	*excess(): Generator<number, void> {
		for (const slot of this.#carried.keys()) {
			if (this.bytes <= this.#mostBytes || this.#carried.size === 1) return;
			yield slot;
		}
	}
}

function partsOf({rules, labels}: Carried): Part[] {
	return [rules, rules?.roles, labels].filter((part) => part !== undefined);
}
