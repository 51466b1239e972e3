import {ConnectError, isUnavailable} from '../db/faults.ts';
import type {KeyFacts} from '../keys/policy.ts';
import {TermsUnknown} from '../keys/terms.ts';
import type {KeyHashText} from '../keys/token.ts';
import {Memory} from './memory.ts';
import {PlainFacts, type Common} from './plain-facts.ts';
import {TermsMemory} from './terms-memory.ts';

export type FactsMemoryOptions = {
	/** Most known keys. */
	maxKeys: number;
	/** Reads the facts of many hashes in one statement; absent from the answer: no such key. */
	read: (
		hashes: readonly KeyHashText[],
	) => Promise<ReadonlyMap<KeyHashText, KeyFacts | TermsUnknown>>;
};

/** What the known keys of an organisation have in common, kept once. */
type Organisation = Common & {
	/** It has changed: what is known of its keys is read again when it is next asked for. */
	isStale: boolean;
	knownKeys: number;
};

/** One statement on its way, and the organisations whose change was heard since it was sent. */
type Reading = {changedOrganisations: Set<string>};

type Fill = {
	hash: KeyHashText;
	promise: Promise<KeyFacts | undefined>;
	resolve: (facts: KeyFacts | undefined) => void;
	reject: (error: unknown) => void;
	/** The key or all memory was evicted while this was being read: read it again. */
	isDirty: boolean;
	/** Its statement, where that is on the way: what it sees is from now or before. */
	reading: Reading | undefined;
};

const maxUnknown = 50_000;
/** What the terms of known keys may take together, in bytes for each key of the bound, and at least. */
const termsBytesPerKey = 1024;
const leastTermsBytes = 2 ** 20;
/** Hashes of one statement, and statements at once: a start-up storm becomes a few of each. */
const mostPerRead = 500;
const mostReads = 4;
/**
 * The same while most of what is asked about is unknown: one statement at a time, of few hashes, and a
 * rest after it as long as it took, but for one that took unusually long, in ms.
 */
const mostPerUnknownRead = 16;
const mostRestMs = 20;
/**
 * While a statement is on its way, fewer hashes than this wait for it to end, but not longer than that, in ms: it
 * costs more than a hash of it, and most take less.
 */
const fewPerRead = 64;
const mostGatherMs = 2;
/** Keys that wait to be read at most, whatever comes: some 20 MB. */
const mostWaiting = 50_000;

/**
 * What is known about keys, by the SHA-256 of the key. Whether it may be used is the lease's to
 * say, not decided here.
 *
 * The race that matters: a reading that began before a change committed must not put the old row
 * back after the eviction. An eviction therefore marks every reading of its key that is under way,
 * and a marked reading is done again, never kept. Each key is read once at a time, and all misses
 * of one turn of the event loop share a statement.
 *
 * A flood of keys that nobody has goes through a part of one connection, and is answered a few at a time:
 * PostgreSQL and the event loop have time for all others. It is known by what the last statement found, so
 * that a server that starts reads the keys that are used as fast as it can.
 */
export class FactsMemory {
	readonly #known: Memory;
	readonly #unknown = new Memory(maxUnknown);
	/** By the slot of a known key: its facts; of one that carries nothing the name, the rest is in `#plain`. */
	#facts: (KeyFacts | string | undefined)[] = [];
	readonly #plain: PlainFacts;
	#organisations: (Organisation | undefined)[] = [];
	readonly #terms: TermsMemory;
	/** Those of known keys that are not stale. */
	readonly #organisationById = new Map<string, Organisation>();
	/** Fills under way; several of one hash only where a fresh one was asked for. */
	readonly #fills = new Map<string, Set<Fill>>();
	readonly #readings = new Set<Reading>();
	readonly #read: FactsMemoryOptions['read'];
	#waiting: Fill[] = [];
	#isScheduled = false;
	/** Most of what was read last belongs to no key. */
	#isFlooded = false;
	#isResting = false;
	/** Few wait for a statement to end, for a moment. */
	#isGathering = false;

	constructor(options: FactsMemoryOptions) {
		this.#known = new Memory(options.maxKeys);
		this.#plain = new PlainFacts(options.maxKeys);
		this.#terms = new TermsMemory(Math.max(options.maxKeys * termsBytesPerKey, leastTermsBytes));
		this.#read = options.read;
	}

	/** Known keys in memory, for metrics. */
	get size(): number {
		return this.#known.size;
	}

	/** @returns facts; null for a hash known to belong to no key; undefined when it must be read */
	get(hash: KeyHashText): KeyFacts | null | undefined {
		const slot = this.#known.use(hash);
		if (slot < 0) return this.#unknown.use(hash) < 0 ? undefined : null;
		const organisation = this.#organisations[slot];
		if (organisation === undefined || organisation.isStale) return undefined;
		const facts = this.#facts[slot];
		return typeof facts === 'string' ? this.#plain.read(slot, facts, organisation) : facts;
	}

	/**
	 * Reads the facts of a hash and keeps them.
	 *
	 * @param isCoherent whether evictions are sure to be heard now. Without that, a statement that
	 *   was sent before this call may miss a change that was answered since: it is not shared.
	 * @throws what `read` throws; nothing is kept then
	 * @throws {ConnectError} where too many wait already
	 */
	fill(hash: KeyHashText, isCoherent: boolean): Promise<KeyFacts | undefined> {
		for (const fill of this.#fills.get(hash) ?? []) {
			if (isCoherent || fill.reading === undefined) return fill.promise;
		}
		if (this.#waiting.length >= mostWaiting) {
			return Promise.reject(new ConnectError('too many keys wait to be looked up'));
		}
		const fill: Fill = {
			hash,
			...Promise.withResolvers<KeyFacts | undefined>(),
			isDirty: false,
			reading: undefined,
		};
		const fills = this.#fills.get(hash);
		if (fills === undefined) this.#fills.set(hash, new Set([fill]));
		else fills.add(fill);
		this.#enqueue(fill);
		return fill.promise;
	}

	evictKey(hash: KeyHashText): void {
		const slot = this.#known.delete(hash);
		if (slot >= 0) this.#release(slot);
		this.#unknown.delete(hash);
		for (const fill of this.#fills.get(hash) ?? []) this.markDirty(fill);
	}

	evictOrganisation(id: string): void {
		const organisation = this.#organisationById.get(id);
		if (organisation !== undefined) this.#outdate(organisation);
		for (const {changedOrganisations} of this.#readings) changedOrganisations.add(id);
	}

	evictAll(): void {
		this.#known.clear();
		this.#terms.clear();
		this.#facts = [];
		this.#organisations = [];
		this.#organisationById.clear();
		this.#unknown.clear();
		for (const fills of this.#fills.values()) for (const fill of fills) this.markDirty(fill);
	}

	/** What a reading under way brings may be from before the change: it is done again. */
	protected markDirty(fill: {isDirty: boolean}): void {
		fill.isDirty = true;
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

	/** @param isDue whether who waits has waited for others long enough */
	#readWaiting(isDue = false): void {
		while (this.#waiting.length > 0 && this.#mayRead(isDue)) {
			const fills = this.#waiting.splice(0, this.#isFlooded ? mostPerUnknownRead : mostPerRead);
			const reading: Reading = {changedOrganisations: new Set()};
			this.#readings.add(reading);
			const from = performance.now();
			void this.#readAndSettle(fills, reading).finally(() => {
				this.#readings.delete(reading);
				if (this.#isFlooded) this.#rest(performance.now() - from);
				else this.#readWaiting();
			});
		}
		const isGathering = this.#waiting.length > 0 && this.#readings.size < mostReads;
		if (isGathering && !this.#isFlooded) this.#gather();
	}

	#mayRead(isDue: boolean): boolean {
		const {size} = this.#readings;
		if (this.#isFlooded) return size === 0 && !this.#isResting;
		return size === 0 || (size < mostReads && (isDue || this.#waiting.length >= fewPerRead));
	}

	#gather(): void {
		if (this.#isGathering) return;
		this.#isGathering = true;
		setTimeout(() => {
			this.#isGathering = false;
			this.#readWaiting(true);
		}, mostGatherMs);
	}

	/** Reads on after a while. @param ms how long was read */
	#rest(ms: number): void {
		if (this.#isResting) return;
		this.#isResting = true;
		setTimeout(
			() => {
				this.#isResting = false;
				this.#readWaiting();
			},
			Math.min(ms, mostRestMs),
		);
	}

	async #readAndSettle(fills: readonly Fill[], reading: Reading): Promise<void> {
		for (const fill of fills) {
			fill.isDirty = false;
			fill.reading = reading;
		}
		try {
			const found = await this.#read([...new Set(fills.map(({hash}) => hash))]);
			this.#isFlooded = 2 * found.size < fills.length;
			for (const fill of fills) this.#settle(fill, reading, found.get(fill.hash));
		} catch (error) {
			// Who waits for one of these to end would then wait as long for the same.
			const most = this.#isFlooded ? 1 : mostReads;
			const isBlocked = this.#readings.size >= most && isUnavailable(error);
			this.#isFlooded = false;
			const waiting = isBlocked ? this.#waiting.splice(0) : [];
			for (const fill of [...fills, ...waiting]) {
				this.#end(fill);
				fill.reject(error);
			}
		}
	}

	#settle(fill: Fill, reading: Reading, found: KeyFacts | TermsUnknown | undefined): void {
		const facts = found instanceof TermsUnknown ? undefined : found;
		if (fill.isDirty || (facts && reading.changedOrganisations.has(facts.organisationId))) {
			fill.reading = undefined;
			this.#enqueue(fill);
			return;
		}
		this.#end(fill);
		if (found instanceof TermsUnknown) return fill.reject(found);
		if (facts !== undefined) this.#keep(fill.hash, facts);
		else if (this.#unknown.use(fill.hash) < 0) this.#unknown.add(fill.hash);
		fill.resolve(facts);
	}

	#keep(hash: KeyHashText, facts: KeyFacts): void {
		const known = this.#known.use(hash);
		const slot = known < 0 ? this.#known.add(hash) : known;
		this.#release(slot);
		const organisation = this.#organisationOf(facts);
		organisation.knownKeys++;
		this.#organisations[slot] = organisation;
		if (this.#plain.keep(slot, facts)) {
			this.#facts[slot] = facts.name;
			return;
		}
		// One text for all keys of an organisation, instead of one from every answer of PostgreSQL.
		const {organisationId, plan} = organisation;
		const kept = {...facts, organisationId, plan};
		this.#facts[slot] = kept;
		if (kept.rules === undefined && kept.labels === undefined) return;
		this.#terms.add(slot, kept);
		for (const old of this.#terms.excess()) {
			this.#known.remove(old);
			this.#release(old);
		}
	}

	#organisationOf({organisationId, plan}: KeyFacts): Organisation {
		const known = this.#organisationById.get(organisationId);
		if (known?.plan === plan) return known;
		// Another plan, and its announcement still to come: what is known of the others is outdated.
		if (known !== undefined) this.#outdate(known);
		const organisation = {organisationId, plan, isStale: false, knownKeys: 0};
		this.#organisationById.set(organisationId, organisation);
		return organisation;
	}

	#outdate(organisation: Organisation): void {
		organisation.isStale = true;
		this.#organisationById.delete(organisation.organisationId);
	}

	/** Forgets what was kept in a slot, if anything was. */
	#release(slot: number): void {
		const organisation = this.#organisations[slot];
		if (organisation === undefined) return;
		this.#terms.delete(slot);
		this.#organisations[slot] = undefined;
		this.#facts[slot] = undefined;
		organisation.knownKeys--;
		if (organisation.knownKeys === 0 && !organisation.isStale) this.#outdate(organisation);
	}

	#end(fill: Fill): void {
		const fills = this.#fills.get(fill.hash);
		fills?.delete(fill);
		if (fills?.size === 0) this.#fills.delete(fill.hash);
	}
}
