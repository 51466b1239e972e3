import {randomBytes} from 'node:crypto';
import type {KeyHashText} from '../keys/token.ts';

/** Of a SHA-256. */
const words = 8;
const hashLength = words * 4;

/** What is known of a slot lies together, as a processor fetches it: its neighbours by age, its hash. */
const newer = 0;
const older = 1;
const firstWord = 2;
const recordLength = firstWord + words;

/** At one time: where all of a large memory is in use, nobody waits until the hand has gone round. */
const mostSpared = 1000;

/**
 * Hashes that are used, at most `bound` of them: each has a slot, a number from 0 to below the bound, by
 * which the owner keeps what belongs to it. Where there are more, those that are used make those room
 * that are not: SIEVE (Zhang and others, NSDI 2024). A hand goes from the oldest to the newest, over and
 * over; it spares what was used since it last came by, and removes the first that was not. What is used
 * once goes soon, whatever there is of it. Of a million keys, a tenth of which have room, it misses a
 * sixth less than the order of the last use does, and a use only sets a mark.
 *
 * A hash table with linear probing and a doubly linked list, both in typed arrays: 50 bytes a
 * hash and nothing for the collector to walk. Their pages take no memory before they are written
 * to. A Map with strings for keys takes twice that.
 */
export class Memory {
	readonly #bound: number;
	/** Slot + 1 by place; 0: nothing there. At most half full. */
	readonly #table: Int32Array;
	readonly #mask: number;
	readonly #shift: number;
	/** Unknown outside: nobody can look for hashes that all begin at the same place. */
	readonly #factor = randomBytes(4).readUInt32LE() | 1;
	/** A record by slot; after the last one the end of the list, whose neighbours are the oldest and the newest. */
	readonly #records: Uint32Array;
	/** 1 by slot: used since it came, or since the hand spared it. */
	readonly #used: Uint8Array;
	/** The slot that the hand looks at next, or the end of the list. */
	#hand = 0;
	/** Slots that were given back. */
	#free: number[] = [];
	/** Slots from here on were never taken. */
	#fresh = 0;
	size = 0;

	/** @param bound most hashes, at least 1 */
	constructor(bound: number) {
		this.#bound = bound;
		const bits = Math.ceil(Math.log2(2 * bound));
		this.#table = new Int32Array(2 ** bits);
		this.#mask = this.#table.length - 1;
		this.#shift = 32 - bits;
		this.#records = new Uint32Array((bound + 1) * recordLength);
		this.#used = new Uint8Array(bound);
		this.clear();
	}

	/** @returns the slot of a hash, which is marked as used; -1: it is not there */
	use(hash: KeyHashText): number {
		const slot = this.#slotAt(this.#placeOf(hash));
		// Read first: it is marked already where it is used often.
		if (slot >= 0 && this.#used[slot] === 0) this.#used[slot] = 1;
		return slot;
	}

	/**
	 * @param hash one that is not there
	 * @returns its slot, which may have been that of the hash that is forgotten for it
	 */
	add(hash: KeyHashText): number {
		if (this.size === this.#bound) this.remove(this.#toRemove());
		const slot = this.#free.pop() ?? this.#fresh++;
		for (let i = 0; i < words; i++) this.#set(slot, firstWord + i, word(hash, i));
		this.#used[slot] = 0;
		this.#table[this.#placeOf(hash)] = slot + 1;
		this.#linkNewest(slot);
		this.size++;
		return slot;
	}

	/** @returns the slot it had; -1: it was not there */
	delete(hash: KeyHashText): number {
		const slot = this.#slotAt(this.#placeOf(hash));
		if (slot >= 0) this.remove(slot);
		return slot;
	}

	/** @param slot of a hash that is there */
	remove(slot: number): void {
		let hole = this.#homeOfSlot(slot);
		while (this.#slotAt(hole) !== slot) hole = (hole + 1) & this.#mask;
		// What follows moves up, unless that would put it before its home.
		for (let place = hole; ;) {
			place = (place + 1) & this.#mask;
			const next = this.#slotAt(place);
			if (next < 0) break;
			const way = (place - this.#homeOfSlot(next)) & this.#mask;
			if (way < ((place - hole) & this.#mask)) continue;
			this.#table[hole] = next + 1;
			hole = place;
		}
		this.#table[hole] = 0;
		if (slot === this.#hand) this.#hand = this.#get(slot, newer);
		this.#unlink(slot);
		this.#free.push(slot);
		this.size--;
	}

	clear(): void {
		if (this.#fresh > 0) this.#table.fill(0);
		this.#free = [];
		this.#fresh = 0;
		this.size = 0;
		this.#set(this.#bound, newer, this.#bound);
		this.#set(this.#bound, older, this.#bound);
		this.#hand = this.#bound;
	}

	/** Moves the hand to the slot that makes room. Some slot must be taken. */
	#toRemove(): number {
		for (let spared = 0; ;) {
			const slot = this.#hand;
			if (slot < this.#bound) {
				if (this.#used[slot] === 0 || spared === mostSpared) return slot;
				this.#used[slot] = 0;
				spared++;
			}
			// After the newest comes the end of the list, and then the oldest.
			this.#hand = this.#get(slot, newer);
		}
	}

	/** Where a hash is, or where it would be put. */
	#placeOf(hash: KeyHashText): number {
		if (hash.length !== hashLength) throw new Error('no SHA-256');
		const first = word(hash, 0);
		let place = this.#homeOf(first);
		for (;;) {
			const slot = this.#slotAt(place);
			if (slot < 0) return place;
			if (this.#get(slot, firstWord) === first && this.#isAt(slot, hash)) return place;
			place = (place + 1) & this.#mask;
		}
	}

	#homeOf(first: number): number {
		return Math.imul(first, this.#factor) >>> this.#shift;
	}

	#slotAt(place: number): number {
		return (this.#table[place] ?? 0) - 1;
	}

	#isAt(slot: number, hash: KeyHashText): boolean {
		for (let i = 1; i < words; i++) {
			if (this.#get(slot, firstWord + i) !== word(hash, i)) return false;
		}
		return true;
	}

	#homeOfSlot(slot: number): number {
		return this.#homeOf(this.#get(slot, firstWord));
	}

	#get(slot: number, field: number): number {
		return this.#records[slot * recordLength + field] ?? 0;
	}

	#set(slot: number, field: number, value: number): void {
		this.#records[slot * recordLength + field] = value;
	}

	#unlink(slot: number): void {
		const after = this.#get(slot, newer);
		const before = this.#get(slot, older);
		this.#set(after, older, before);
		this.#set(before, newer, after);
	}

	#linkNewest(slot: number): void {
		const second = this.#get(this.#bound, older);
		this.#set(slot, older, second);
		this.#set(slot, newer, this.#bound);
		this.#set(second, newer, slot);
		this.#set(this.#bound, older, slot);
	}
}

/** Four characters of a binary string as one number. */
function word(hash: KeyHashText, index: number): number {
	const at = index * 4;
	return (
		(hash.charCodeAt(at) |
			(hash.charCodeAt(at + 1) << 8) |
			(hash.charCodeAt(at + 2) << 16) |
			(hash.charCodeAt(at + 3) << 24)) >>>
		0
	);
}
