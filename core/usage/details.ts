import {ChangedSlots} from './changed-slots.ts';

/** Beside outcomes: from where and by which program a key is used, what for, and what that needs. */
export const detailKinds = ['client', 'tag', 'scope'] as const;
export type DetailKind = (typeof detailKinds)[number];

/** Most clients of one key in one batch, and most of tags and scopes together; what is more is not told apart. */
const mostOfKey = 100;
/** Of a batch, for each key that it has room for. */
const mostPerKey = 2;

/** One of them, as one process saw it in an hour. Counts are absolute. */
export type UsageDetail = {
	keyId: string;
	kind: DetailKind;
	/** An address, a tag or a scope; empty: nobody said from where. */
	value: string;
	/** Of a client: the program; empty: nobody said. */
	agent: string;
	count: number;
	/** How many of them were refused. */
	refused: number;
	/** In milliseconds since the epoch. */
	firstAt: number;
	lastAt: number;
};

/** All but the key, with times within the hour of the batch. */
export type KeptDetail = Omit<UsageDetail, 'keyId'> & {keySlot: number};

/** What is kept of a detail lies together, as a processor fetches it. Place of the next one in its list, from 1; 0: none. */
const next = 0;
const keyAndKind = 1;
const count = 2;
const refused = 3;
const firstAt = 4;
const lastAt = 5;
const recordLength = 6;

/** Places of the first of each key's lists, from 1; 0: none. */
const clients = 0;
const labels = 1;
const headsLength = 2;

const kindBits = 2;
const [clientKind, tagKind, scopeKind] = [0, 1, 2];

/**
 * The details of the keys of one batch, in typed arrays. Those of a key are a list of few, with the one
 * that was seen last in front: a key is mostly used from where it was used before.
 */
export class UsageDetails {
	readonly changed: ChangedSlots;

	readonly #capacity: number;
	readonly #heads: Uint32Array;
	readonly #records: Uint32Array;
	/** Value and agent of each in turn. */
	readonly #texts: string[] = [];

	/** @param keys most keys of the batch */
	constructor(keys: number) {
		this.#capacity = keys * mostPerKey;
		this.changed = new ChangedSlots(this.#capacity);
		this.#heads = new Uint32Array(keys * headsLength);
		this.#records = new Uint32Array(this.#capacity * recordLength);
	}

	get size(): number {
		return this.#texts.length / 2;
	}

	/**
	 * @param at within the hour, in milliseconds
	 * @returns the place of the client; undefined where there is no room for another one
	 */
	addClient(
		keySlot: number,
		address: string,
		agent: string,
		at: number,
		isRefused: boolean,
	): number | undefined {
		const place = this.#take(clients, keySlot, clientKind, address, agent, at);
		if (place < 0) return undefined;
		this.#count(place, at, isRefused);
		return place;
	}

	/**
	 * Counts a tag, or notes a scope: of that it matters whether it was needed, not how often. Not where there
	 * is no room for another one.
	 */
	addLabel(
		keySlot: number,
		kind: 'tag' | 'scope',
		value: string,
		at: number,
		isRefused: boolean,
	): void {
		const place = this.#take(labels, keySlot, kind === 'tag' ? tagKind : scopeKind, value, '', at);
		const isNoted = kind === 'scope' && place >= 0 && this.#get(place, count) > 0;
		if (place >= 0 && !isNoted) this.#count(place, at, isRefused);
	}

	read(place: number): KeptDetail {
		const of = this.#get(place, keyAndKind);
		return {
			keySlot: of >>> kindBits,
			kind: detailKinds[of & (2 ** kindBits - 1)] ?? 'client',
			value: this.#texts[2 * place] ?? '',
			agent: this.#texts[2 * place + 1] ?? '',
			count: this.#get(place, count),
			refused: this.#get(place, refused),
			firstAt: this.#get(place, firstAt),
			lastAt: this.#get(place, lastAt),
		};
	}

	/**
	 * Finds one in the list of a key, or makes it, and puts it in front.
	 *
	 * @returns its place; -1: there is no room for another one
	 */
	#take(
		list: number,
		keySlot: number,
		kind: number,
		value: string,
		agent: string,
		at: number,
	): number {
		const of = (keySlot << kindBits) | kind;
		const head = keySlot * headsLength + list;
		const first = this.#heads[head] ?? 0;
		let before = 0;
		let length = 0;
		for (let link = first; link !== 0; link = this.#get(link - 1, next)) {
			const place = link - 1;
			if (
				this.#get(place, keyAndKind) === of &&
				this.#texts[2 * place] === value &&
				this.#texts[2 * place + 1] === agent
			) {
				if (before !== 0) {
					this.#set(before - 1, next, this.#get(place, next));
					this.#set(place, next, first);
					this.#heads[head] = link;
				}
				return place;
			}
			before = link;
			length++;
		}
		const place = this.size;
		if (place === this.#capacity || length === mostOfKey) return -1;
		this.#texts.push(value, agent);
		this.#set(place, keyAndKind, of);
		this.#set(place, firstAt, at);
		this.#set(place, next, first);
		this.#heads[head] = place + 1;
		return place;
	}

	#count(place: number, at: number, isRefused: boolean): void {
		this.#set(place, count, this.#get(place, count) + 1);
		if (isRefused) this.#set(place, refused, this.#get(place, refused) + 1);
		this.#set(place, lastAt, at);
		this.changed.mark(place);
	}

	#get(place: number, field: number): number {
		return this.#records[place * recordLength + field] ?? 0;
	}

	#set(place: number, field: number, value: number): void {
		this.#records[place * recordLength + field] = value;
	}
}
