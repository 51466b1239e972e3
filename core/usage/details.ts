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

/**
 * The details of the keys of one batch, in typed arrays. Those of a key are a list of few, with the one
 * that was seen last in front: a key is mostly used from where it was used before.
 */
export class UsageDetails {
	readonly changed: ChangedSlots;

	readonly #capacity: number;
	/** Places of the first of each key's lists, from 1; 0: none. */
	readonly #clients: Uint32Array;
	readonly #labels: Uint32Array;
	readonly #clientCounts: Uint8Array;
	readonly #labelCounts: Uint8Array;
	/** Place of the next one in its list, from 1. */
	readonly #next: Uint32Array;
	readonly #keySlots: Uint32Array;
	readonly #kinds: Uint8Array;
	readonly #counts: Uint32Array;
	readonly #refused: Uint32Array;
	readonly #firstAt: Uint32Array;
	readonly #lastAt: Uint32Array;
	readonly #values: string[] = [];
	readonly #agents: string[] = [];

	/** @param keys most keys of the batch */
	constructor(keys: number) {
		const capacity = keys * mostPerKey;
		this.#capacity = capacity;
		this.changed = new ChangedSlots(capacity);
		this.#clients = new Uint32Array(keys);
		this.#labels = new Uint32Array(keys);
		this.#clientCounts = new Uint8Array(keys);
		this.#labelCounts = new Uint8Array(keys);
		this.#next = new Uint32Array(capacity);
		this.#keySlots = new Uint32Array(capacity);
		this.#kinds = new Uint8Array(capacity);
		this.#counts = new Uint32Array(capacity);
		this.#refused = new Uint32Array(capacity);
		this.#firstAt = new Uint32Array(capacity);
		this.#lastAt = new Uint32Array(capacity);
	}

	get size(): number {
		return this.#values.length;
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
		const place =
			this.#find(this.#clients, keySlot, clientKind, address, agent) ??
			this.#make(this.#clients, this.#clientCounts, keySlot, clientKind, address, agent, at);
		if (place !== undefined) this.#count(place, at, isRefused);
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
		const code = kind === 'tag' ? tagKind : scopeKind;
		const known = this.#find(this.#labels, keySlot, code, value, '');
		if (known !== undefined && kind === 'scope') return;
		const place =
			known ?? this.#make(this.#labels, this.#labelCounts, keySlot, code, value, '', at);
		if (place !== undefined) this.#count(place, at, isRefused);
	}

	read(place: number): KeptDetail {
		return {
			keySlot: this.#keySlots[place] ?? 0,
			kind: detailKinds[this.#kinds[place] ?? 0] ?? 'client',
			value: this.#values[place] ?? '',
			agent: this.#agents[place] ?? '',
			count: this.#counts[place] ?? 0,
			refused: this.#refused[place] ?? 0,
			firstAt: this.#firstAt[place] ?? 0,
			lastAt: this.#lastAt[place] ?? 0,
		};
	}

	/** Finds one in the list of a key, and puts it in front. */
	#find(
		heads: Uint32Array,
		keySlot: number,
		kind: number,
		value: string,
		agent: string,
	): number | undefined {
		const first = heads[keySlot] ?? 0;
		let before = 0;
		for (let next = first; next !== 0; next = this.#next[next - 1] ?? 0) {
			const place = next - 1;
			if (
				this.#kinds[place] === kind &&
				this.#values[place] === value &&
				this.#agents[place] === agent
			) {
				if (before !== 0) {
					this.#next[before - 1] = this.#next[place] ?? 0;
					this.#next[place] = first;
					heads[keySlot] = next;
				}
				return place;
			}
			before = next;
		}
		return undefined;
	}

	#make(
		heads: Uint32Array,
		counts: Uint8Array,
		keySlot: number,
		kind: number,
		value: string,
		agent: string,
		at: number,
	): number | undefined {
		const place = this.#values.length;
		if (place === this.#capacity || counts[keySlot] === mostOfKey) return undefined;
		counts[keySlot] = (counts[keySlot] ?? 0) + 1;
		this.#values.push(value);
		this.#agents.push(agent);
		this.#kinds[place] = kind;
		this.#keySlots[place] = keySlot;
		this.#firstAt[place] = at;
		this.#next[place] = heads[keySlot] ?? 0;
		heads[keySlot] = place + 1;
		return place;
	}

	#count(place: number, at: number, isRefused: boolean): void {
		this.#counts[place] = (this.#counts[place] ?? 0) + 1;
		if (isRefused) this.#refused[place] = (this.#refused[place] ?? 0) + 1;
		this.#lastAt[place] = at;
		this.changed.mark(place);
	}
}

const [clientKind, tagKind, scopeKind] = [0, 1, 2];
