import type {KeyFacts} from '../keys/policy.ts';
import type {KeyHashText} from '../keys/token.ts';
import {Memory} from './memory.ts';

export type FactsMemoryOptions = {
	/** Most known keys. */
	maxKeys: number;
	/** Reads the facts of many hashes in one statement; absent from the answer: no such key. */
	read: (hashes: readonly KeyHashText[]) => Promise<ReadonlyMap<KeyHashText, KeyFacts>>;
};

/** Facts, and how many changes had been seen when their reading began. */
type Entry = {facts: KeyFacts; asOf: number};

type Fill = {
	hash: KeyHashText;
	promise: Promise<KeyFacts | undefined>;
	resolve: (facts: KeyFacts | undefined) => void;
	reject: (error: unknown) => void;
	/** The key or all memory was evicted while this was being read: read it again. */
	isDirty: boolean;
	/** Its statement is on the way: what it sees is from now or before. */
	isSent: boolean;
	asOf: number;
};

const maxUnknown = 50_000;
/** Hashes of one statement, and statements at once: a start-up storm becomes a few of each. */
const mostPerRead = 500;
const mostReads = 4;
/** Organisations whose change is remembered; beyond it everything is forgotten, which is safe. */
const mostChangedOrganisations = 10_000;

/**
 * What is known about keys, by the SHA-256 of the key. Whether it may be used is the lease's to
 * say, not decided here.
 *
 * The race that matters: a reading that began before a change committed must not put the old row
 * back after the eviction. An eviction therefore marks every reading of its key that is under way,
 * and a marked reading is done again, never kept. Each key is read once at a time, and all misses
 * of one turn of the event loop share a statement.
 */
export class FactsMemory {
	readonly #known: Memory<Entry>;
	readonly #unknown = new Memory<true>(maxUnknown);
	/** Readings under way; several of one hash only where a fresh one was asked for. */
	readonly #fills = new Map<string, Set<Fill>>();
	readonly #changedOrganisations = new Map<string, number>();
	readonly #read: FactsMemoryOptions['read'];
	#waiting: Fill[] = [];
	#isScheduled = false;
	#reads = 0;
	#changes = 0;

	constructor(options: FactsMemoryOptions) {
		this.#known = new Memory(options.maxKeys);
		this.#read = options.read;
	}

	/** Known keys in memory, for metrics. */
	get size(): number {
		return this.#known.size;
	}

	/** @returns facts; null for a hash known to belong to no key; undefined when it must be read */
	get(hash: KeyHashText): KeyFacts | null | undefined {
		const entry = this.#known.get(hash);
		if (entry !== undefined) {
			if (this.#isCurrent(entry.facts, entry.asOf)) return entry.facts;
			this.#known.delete(hash);
			return undefined;
		}
		return this.#unknown.get(hash) === true ? null : undefined;
	}

	/**
	 * Reads the facts of a hash and keeps them.
	 *
	 * @param isCoherent whether evictions are sure to be heard now. Without that, a statement that
	 *   was sent before this call may miss a change that was answered since: it is not shared.
	 * @throws what `read` throws; nothing is kept then
	 */
	fill(hash: KeyHashText, isCoherent: boolean): Promise<KeyFacts | undefined> {
		for (const fill of this.#fills.get(hash) ?? []) {
			if (isCoherent || !fill.isSent) return fill.promise;
		}
		const fill: Fill = {
			hash,
			...Promise.withResolvers<KeyFacts | undefined>(),
			isDirty: false,
			isSent: false,
			asOf: this.#changes,
		};
		const fills = this.#fills.get(hash);
		if (fills === undefined) this.#fills.set(hash, new Set([fill]));
		else fills.add(fill);
		this.#enqueue(fill);
		return fill.promise;
	}

	evictKey(hash: KeyHashText): void {
		this.#changes++;
		this.#known.delete(hash);
		this.#unknown.delete(hash);
		for (const fill of this.#fills.get(hash) ?? []) this.markDirty(fill);
	}

	evictOrganisation(id: string): void {
		this.#changes++;
		if (this.#changedOrganisations.size >= mostChangedOrganisations) this.evictAll();
		this.#changedOrganisations.set(id, this.#changes);
	}

	evictAll(): void {
		this.#changes++;
		this.#known.clear();
		this.#unknown.clear();
		this.#changedOrganisations.clear();
		for (const fills of this.#fills.values()) for (const fill of fills) this.markDirty(fill);
	}

	/** What a reading under way brings may be from before the change: it is done again. */
	protected markDirty(fill: {isDirty: boolean}): void {
		fill.isDirty = true;
	}

	#isCurrent(facts: KeyFacts, asOf: number): boolean {
		if (this.#changedOrganisations.size === 0) return true;
		return (this.#changedOrganisations.get(facts.organisationId) ?? 0) <= asOf;
	}

	#enqueue(fill: Fill): void {
		this.#waiting.push(fill);
		if (this.#isScheduled) return;
		this.#isScheduled = true;
		setImmediate(() => {
			this.#isScheduled = false;
			this.#readWaiting();
		});
	}

	#readWaiting(): void {
		while (this.#waiting.length > 0 && this.#reads < mostReads) {
			const fills = this.#waiting.splice(0, mostPerRead);
			this.#reads++;
			void this.#readAndSettle(fills).finally(() => {
				this.#reads--;
				this.#readWaiting();
			});
		}
	}

	async #readAndSettle(fills: readonly Fill[]): Promise<void> {
		for (const fill of fills) {
			fill.isDirty = false;
			fill.isSent = true;
			fill.asOf = this.#changes;
		}
		try {
			const found = await this.#read([...new Set(fills.map(({hash}) => hash))]);
			for (const fill of fills) this.#settle(fill, found.get(fill.hash));
		} catch (error) {
			for (const fill of fills) {
				this.#end(fill);
				fill.reject(error);
			}
		}
	}

	#settle(fill: Fill, facts: KeyFacts | undefined): void {
		if (fill.isDirty || (facts !== undefined && !this.#isCurrent(facts, fill.asOf))) {
			fill.isSent = false;
			this.#enqueue(fill);
			return;
		}
		this.#end(fill);
		if (facts === undefined) this.#unknown.set(fill.hash, true);
		else this.#known.set(fill.hash, {facts, asOf: fill.asOf});
		fill.resolve(facts);
	}

	#end(fill: Fill): void {
		const fills = this.#fills.get(fill.hash);
		fills?.delete(fill);
		if (fills?.size === 0) this.#fills.delete(fill.hash);
	}
}
