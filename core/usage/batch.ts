import {randomUUID} from 'node:crypto';
import {isIP} from 'node:net';
import {countedOutcomes, outcomes, type CountedOutcome} from '../../contract/outcomes.ts';

/** What one process saw of one key in one hour. Counts are absolute, never increments. */
export type UsageEntry = {
	counts: Partial<Record<CountedOutcome, number>>;
	/** When the key was last accepted, in milliseconds since the epoch; 0: not in this batch. */
	lastUsed: number;
	lastUsedIp: string | undefined;
};

/** A row for PostgreSQL: the key of the table and the absolute count. */
export type UsageRow = {
	hour: number;
	keyId: string;
	processId: string;
	outcome: CountedOutcome;
	count: number;
};

export type LastUse = {keyId: string; at: number; ip: string | undefined};

export const hourMs = 3_600_000;

/**
 * The counts of one process for one hour. The id is part of the row's key in PostgreSQL, so a
 * batch that is full can be closed and another opened for the same hour: their sum is the truth.
 *
 * One slot a key in typed arrays: a busy hour has as many keys as memory knows. Their pages take
 * no memory before they are written to.
 */
export class UsageBatch {
	readonly id = randomUUID();
	readonly hour: number;
	/** Number of the last write to Redis: kept here, it goes on where Redis lost its data. */
	version = 0;
	/** Number of the last write that Redis confirmed. */
	confirmed = 0;

	readonly #capacity: number;
	readonly #slots = new Map<string, number>();
	readonly #keyIds: string[] = [];
	readonly #counts: Uint32Array;
	readonly #lastUsed: Float64Array;
	readonly #lastUsedIps: (string | undefined)[] = [];
	/** 1 where a slot changed since it was last taken: it is in the list then. */
	readonly #isChanged: Uint8Array;
	#changed: number[] = [];
	#taken = 0;

	/** @param capacity most keys */
	constructor(hour: number, capacity: number) {
		this.hour = hour;
		this.#capacity = capacity;
		this.#counts = new Uint32Array(capacity * countedOutcomes.length);
		this.#lastUsed = new Float64Array(capacity);
		this.#isChanged = new Uint8Array(capacity);
	}

	/** Keys in it. */
	get size(): number {
		return this.#keyIds.length;
	}

	/** Keys whose last change was not confirmed by a store. */
	get unsent(): number {
		return this.#changed.length + this.#taken;
	}

	/** @returns whether it was counted; false: there is no room for another key */
	add(keyId: string, outcome: CountedOutcome, now: number, ip: string | undefined): boolean {
		let slot = this.#slots.get(keyId);
		if (slot === undefined) {
			slot = this.#keyIds.length;
			if (slot === this.#capacity) return false;
			this.#slots.set(keyId, slot);
			this.#keyIds.push(keyId);
			this.#lastUsedIps.push(undefined);
		}
		const place = slot * countedOutcomes.length + outcomes[outcome].counted;
		this.#counts[place] = (this.#counts[place] ?? 0) + 1;
		if (outcome === 'valid') {
			this.#lastUsed[slot] = now;
			this.#lastUsedIps[slot] = ip;
		}
		if (this.#isChanged[slot] === 0) {
			this.#isChanged[slot] = 1;
			this.#changed.push(slot);
		}
		return true;
	}

	/** All of it is to be sent again. */
	markAllChanged(): void {
		this.#isChanged.fill(1, 0, this.size);
		this.#changed = [...this.#keyIds.keys()];
	}

	/**
	 * Takes what changed, a part at a time, for `send`, until nothing is left.
	 *
	 * @param most keys of one part
	 * @throws what `send` throws; its part counts as changed again
	 */
	async sendChanged(
		most: number,
		send: (entries: [keyId: string, entry: UsageEntry][]) => Promise<void>,
	): Promise<void> {
		// Once round: what changes meanwhile waits for the next time.
		for (let left = this.#changed.length; left > 0; left -= most) {
			const slots = this.#changed.splice(0, Math.min(most, left));
			for (const slot of slots) this.#isChanged[slot] = 0;
			this.#taken += slots.length;
			try {
				await send(slots.map((slot) => [this.#keyIds[slot] ?? '', this.#read(slot)]));
			} catch (error) {
				for (const slot of slots) {
					if (this.#isChanged[slot] === 0) this.#changed.push(slot);
					this.#isChanged[slot] = 1;
				}
				throw error;
			} finally {
				this.#taken -= slots.length;
			}
		}
	}

	#read(slot: number): UsageEntry {
		const counts: UsageEntry['counts'] = {};
		for (const [i, outcome] of countedOutcomes.entries()) {
			const count = this.#counts[slot * countedOutcomes.length + i] ?? 0;
			if (count > 0) counts[outcome] = count;
		}
		return {
			counts,
			lastUsed: this.#lastUsed[slot] ?? 0,
			lastUsedIp: this.#lastUsedIps[slot],
		};
	}
}

/** An entry as it lies in Redis, with the number of the write that put it there. */
export function encodeEntry(entry: UsageEntry, version: number): string {
	return JSON.stringify([entry.counts, entry.lastUsed, entry.lastUsedIp ?? null, version]);
}

/** @returns undefined for what `encodeEntry` did not make: one bad entry must not stop the rest */
export function decodeEntry(text: string): (UsageEntry & {version: number}) | undefined {
	const parts = parseArray(text);
	if (parts === undefined) return undefined;
	const [counts, lastUsed, ip, version] = parts;
	if (typeof counts !== 'object' || counts === null) return undefined;
	if (!isCount(lastUsed) || !isCount(version)) return undefined;
	// Outcomes by shape: a newer server may know more of them than this worker.
	const isEveryCount = Object.entries(counts).every(
		([outcome, count]) => /^[a-z_]{1,40}$/.test(outcome) && isCount(count),
	);
	if (!isEveryCount || lastUsed > latestMs) return undefined;
	// PostgreSQL takes no zone in an address.
	const isAddress = typeof ip === 'string' && isIP(ip) > 0 && !ip.includes('%');
	return {counts, lastUsed, lastUsedIp: isAddress ? ip : undefined, version};
}

/** Last instant that JavaScript knows; PostgreSQL knows it too. */
export const latestMs = 8.64e15;

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseArray(text: string): unknown[] | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return Array.isArray(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/** The rows and last uses of some entries of a batch. */
export function toRows(
	batch: {hour: number; id: string},
	entries: Iterable<[string, UsageEntry]>,
): {rows: UsageRow[]; lastUses: LastUse[]} {
	const rows: UsageRow[] = [];
	const lastUses: LastUse[] = [];
	for (const [keyId, entry] of entries) {
		for (const [outcome, count] of Object.entries(entry.counts) as [CountedOutcome, number][]) {
			rows.push({hour: batch.hour, keyId, processId: batch.id, outcome, count});
		}
		if (entry.lastUsed > 0) lastUses.push({keyId, at: entry.lastUsed, ip: entry.lastUsedIp});
	}
	return {rows, lastUses};
}
