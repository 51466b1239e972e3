import {uuidWords, writeUuid} from '../uuid-words.ts';

/** Of a UUID, whose last digits are random in all versions. */
const lastWord = uuidWords - 1;
const factor = 0x9e37_79b1;

/**
 * Slots of keys by their ids, from 0 on in the order in which they came: a hash table with linear probing,
 * 10 bytes a key. The ids lie with what the owner keeps of each key.
 */
export class UsageSlots {
	readonly #capacity: number;
	readonly #records: Uint32Array;
	readonly #recordLength: number;
	/** Slot + 1 by place; 0: nothing there. At most half full. */
	readonly #table: Int32Array;
	readonly #shift: number;
	size = 0;

	/**
	 * @param capacity most keys
	 * @param records one a slot, each beginning with the id of its key, which is written here
	 */
	constructor(capacity: number, records: Uint32Array, recordLength: number) {
		this.#capacity = capacity;
		this.#records = records;
		this.#recordLength = recordLength;
		const bits = Math.ceil(Math.log2(2 * capacity));
		this.#table = new Int32Array(2 ** bits);
		this.#shift = 32 - bits;
	}

	/**
	 * @returns the slot of a key, which is a new one where it has none yet; -1: there is no room for it
	 * @throws where the id is no UUID
	 */
	take(keyId: string): number {
		if (!writeUuid(keyId, wanted, 0)) throw new Error('no UUID');
		const mask = this.#table.length - 1;
		let place = Math.imul(wanted[lastWord] ?? 0, factor) >>> this.#shift;
		for (;;) {
			const slot = (this.#table[place] ?? 0) - 1;
			if (slot < 0) break;
			if (this.#isAt(slot)) return slot;
			place = (place + 1) & mask;
		}
		if (this.size === this.#capacity) return -1;
		const slot = this.size++;
		this.#table[place] = slot + 1;
		this.#records.set(wanted, slot * this.#recordLength);
		return slot;
	}

	#isAt(slot: number): boolean {
		const at = slot * this.#recordLength;
		for (let word = 0; word < uuidWords; word++) {
			if (this.#records[at + word] !== wanted[word]) return false;
		}
		return true;
	}
}

const wanted = new Uint32Array(uuidWords);
