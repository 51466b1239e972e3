import {randomUUID} from 'node:crypto';
import {isIP} from 'node:net';
import {isUuid} from '../../contract/text.ts';
import {countedOutcomes, outcomes, type CountedOutcome} from '../../contract/outcomes.ts';
import {readUuid, uuidWords} from '../uuid-words.ts';
import {ChangedSlots} from './changed-slots.ts';
import {detailKinds, UsageDetails, type DetailKind, type UsageDetail} from './details.ts';
import {UsageSlots} from './slots.ts';

/** What is counted of a use beside its outcome. */
export type SeenUse = {
	/** From where it was; undefined: not known. */
	ip?: string | undefined;
	/** The program, fit to be kept. */
	agent?: string | undefined;
	tags?: readonly string[] | undefined;
	/** The scopes that it needed. */
	scopes?: readonly {readonly name: string}[] | undefined;
};

/** From where, and by which program, a key was accepted last, as far as one of both is known. */
type KnownUse = {at: number; address: string | undefined; agent: string | undefined};

/** What one process saw of one key in one hour. Counts are absolute, never increments. */
export type UsageEntry = {
	counts: Partial<Record<CountedOutcome, number>>;
	/** When the key was first and last accepted, in milliseconds since the epoch; 0: not in this batch. */
	firstUsed: number;
	lastUsed: number;
	lastKnown: KnownUse | undefined;
};

/** What changed in a batch: entries by key, details by their number in it. */
export type UsageChanges = {
	entries: readonly (readonly [keyId: string, entry: UsageEntry])[];
	details: readonly (readonly [number: number, detail: UsageDetail])[];
};

/** A row for PostgreSQL: the key of the table and the absolute count. */
export type UsageRow = {
	hour: number;
	keyId: string;
	processId: string;
	outcome: CountedOutcome;
	count: number;
};

export type LastUse = {keyId: string; firstAt: number; at: number; known: KnownUse | undefined};

export type UsageDetailRow = UsageDetail & {hour: number; processId: string; detail: number};

export const hourMs = 3_600_000;

/** What is kept of a key lies together, as a processor fetches it. Behind its id: */
const valid = uuidWords;
/** Place of its counts of refusals, from 1; 0: it was never refused. */
const refusals = valid + 1;
/** Times are kept from the beginning of the hour, from 1; 0: never. */
const firstUsed = refusals + 1;
const lastUsed = firstUsed + 1;
const lastKnownAt = lastUsed + 1;
/** Place among the details, from 1; 0: it is among `#beyond`. */
const lastKnown = lastKnownAt + 1;
const recordLength = lastKnown + 1;

/** Of outcomes that are no acceptance: few keys have any of them. */
const refusalLength = countedOutcomes.length;

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

	readonly #slots: UsageSlots;
	readonly #records: Uint32Array;
	readonly #refusals: Uint32Array;
	#refusedKeys = 0;
	/** Clients that details had no room for. */
	readonly #beyond = new Map<number, {address: string; agent: string}>();
	readonly #changed: ChangedSlots;
	readonly #details: UsageDetails;

	/** @param capacity most keys */
	constructor(hour: number, capacity: number) {
		this.hour = hour;
		this.#records = new Uint32Array(capacity * recordLength);
		this.#refusals = new Uint32Array(capacity * refusalLength);
		this.#slots = new UsageSlots(capacity, this.#records, recordLength);
		this.#changed = new ChangedSlots(capacity);
		this.#details = new UsageDetails(capacity);
	}

	/** Keys in it. */
	get size(): number {
		return this.#slots.size;
	}

	/** Details in it. */
	get details(): number {
		return this.#details.size;
	}

	/** Keys and details whose last change was not confirmed by a store. */
	get unsent(): number {
		return this.#changed.size + this.#details.changed.size;
	}

	/**
	 * @param now within the hour
	 * @returns whether it was counted; false: there is no room for another key
	 */
	add(keyId: string, outcome: CountedOutcome, now: number, use: SeenUse): boolean {
		const slot = this.#slots.take(keyId);
		if (slot < 0) return false;
		this.#count(slot, outcome);
		this.#changed.mark(slot);
		this.#addDetails(slot, outcome, now - this.hour, use);
		return true;
	}

	#count(slot: number, outcome: CountedOutcome): void {
		if (outcome === 'valid') {
			this.#set(slot, valid, this.#get(slot, valid) + 1);
			return;
		}
		if (this.#get(slot, refusals) === 0) this.#set(slot, refusals, ++this.#refusedKeys);
		const place = this.#placeOfRefusal(slot, outcome);
		this.#refusals[place] = (this.#refusals[place] ?? 0) + 1;
	}

	#addDetails(slot: number, outcome: CountedOutcome, at: number, use: SeenUse): void {
		const {ip: address = '', agent = '', tags, scopes} = use;
		const isRefused = outcome !== 'valid';
		const client = this.#details.addClient(slot, address, agent, at, isRefused);
		if (tags !== undefined) {
			for (const tag of tags) this.#details.addLabel(slot, 'tag', tag, at, isRefused);
		}
		if (isRefused) return;
		if (scopes !== undefined) {
			for (const {name} of scopes) this.#details.addLabel(slot, 'scope', name, at, false);
		}
		if (this.#get(slot, firstUsed) === 0) this.#set(slot, firstUsed, at + 1);
		this.#set(slot, lastUsed, at + 1);
		if (address === '' && agent === '') return;
		this.#set(slot, lastKnownAt, at + 1);
		this.#set(slot, lastKnown, client === undefined ? 0 : client + 1);
		if (client === undefined) this.#beyond.set(slot, {address, agent});
	}

	/** All of it is to be sent again. */
	markAllChanged(): void {
		this.#changed.markAll(this.size);
		this.#details.changed.markAll(this.details);
	}

	/**
	 * Takes what changed, a part at a time, for `send`, until nothing is left.
	 *
	 * @param most keys or details of one part
	 * @param mostDetails details in all; the others wait for the next time
	 * @throws what `send` throws; its part counts as changed again
	 */
	async sendChanged(
		most: number,
		send: (changes: UsageChanges) => Promise<void>,
		mostDetails = Infinity,
	): Promise<void> {
		await this.#changed.take(most, (slots) =>
			send({
				entries: slots.map((slot) => [this.#keyId(slot), this.#read(slot)]),
				details: [],
			}),
		);
		await this.#details.changed.take(
			most,
			(places) =>
				send({entries: [], details: places.map((place) => [place, this.#readDetail(place)])}),
			mostDetails,
		);
	}

	#keyId(slot: number): string {
		return readUuid(this.#records, slot * recordLength);
	}

	#read(slot: number): UsageEntry {
		const counts: UsageEntry['counts'] = {};
		for (const outcome of countedOutcomes) {
			const count = this.#countOf(slot, outcome);
			if (count > 0) counts[outcome] = count;
		}
		return {
			counts,
			firstUsed: this.#instant(this.#get(slot, firstUsed)),
			lastUsed: this.#instant(this.#get(slot, lastUsed)),
			lastKnown: this.#readKnown(slot),
		};
	}

	#countOf(slot: number, outcome: CountedOutcome): number {
		if (outcome === 'valid') return this.#get(slot, valid);
		if (this.#get(slot, refusals) === 0) return 0;
		return this.#refusals[this.#placeOfRefusal(slot, outcome)] ?? 0;
	}

	#readKnown(slot: number): KnownUse | undefined {
		const at = this.#instant(this.#get(slot, lastKnownAt));
		if (at === 0) return undefined;
		const place = this.#get(slot, lastKnown);
		if (place === 0) {
			const {address, agent} = this.#beyond.get(slot) ?? {address: '', agent: ''};
			return {at, address: address || undefined, agent: agent || undefined};
		}
		const {value, agent} = this.#details.read(place - 1);
		return {at, address: value || undefined, agent: agent || undefined};
	}

	/** @param kept a time within the hour from 1; 0: never */
	#instant(kept: number): number {
		return kept === 0 ? 0 : this.hour + kept - 1;
	}

	#readDetail(place: number): UsageDetail {
		const {keySlot, firstAt, lastAt, ...detail} = this.#details.read(place);
		return {
			...detail,
			keyId: this.#keyId(keySlot),
			firstAt: this.hour + firstAt,
			lastAt: this.hour + lastAt,
		};
	}

	/** Of a key that was refused. */
	#placeOfRefusal(slot: number, outcome: CountedOutcome): number {
		return (this.#get(slot, refusals) - 1) * refusalLength + outcomes[outcome].counted;
	}

	#get(slot: number, field: number): number {
		return this.#records[slot * recordLength + field] ?? 0;
	}

	#set(slot: number, field: number, value: number): void {
		this.#records[slot * recordLength + field] = value;
	}
}

/** An entry as it lies in Redis, with the number of the write that put it there. */
export function encodeEntry(entry: UsageEntry, version: number): string {
	const {counts, firstUsed, lastUsed, lastKnown} = entry;
	let known = 'null';
	if (lastKnown !== undefined) {
		const {at, address, agent} = lastKnown;
		// An address has nothing to escape.
		const from = address === undefined ? 'null' : `"${address}"`;
		known = `[${at},${from},${agent === undefined ? 'null' : JSON.stringify(agent)}]`;
	}
	return `[${JSON.stringify(counts)},${firstUsed},${lastUsed},${known},${version}]`;
}

/** @returns undefined for what `encodeEntry` did not make: one bad entry must not stop the rest */
export function decodeEntry(text: string): UsageEntry | undefined {
	const parts = parseArray(text);
	if (parts?.length !== 5) return undefined;
	const [counts, firstUsed, lastUsed, known] = parts;
	if (typeof counts !== 'object' || counts === null) return undefined;
	if (!isInstant(firstUsed) || !isInstant(lastUsed)) return undefined;
	// Outcomes by shape: a newer server may know more of them than this worker.
	const isEveryCount = Object.entries(counts).every(
		([outcome, count]) => /^[a-z_]{1,40}$/.test(outcome) && isCount(count),
	);
	if (!isEveryCount) return undefined;
	return {counts, firstUsed, lastUsed, lastKnown: knownUse(known)};
}

function knownUse(known: unknown): KnownUse | undefined {
	if (!Array.isArray(known)) return undefined;
	const [at, address, agent] = known as unknown[];
	if (!isInstant(at)) return undefined;
	return {
		at,
		address: isAddress(address) ? address : undefined,
		agent: isText(agent) ? agent : undefined,
	};
}

export function encodeDetail(detail: UsageDetail, version: number): string {
	const {keyId, kind, value, agent, count, refused, firstAt, lastAt} = detail;
	return JSON.stringify([keyId, kind, value, agent, count, refused, firstAt, lastAt, version]);
}

/** @returns undefined for what `encodeDetail` did not make, and kinds that this worker does not know */
export function decodeDetail(text: string): UsageDetail | undefined {
	const [keyId, kind, value, agent, count, refused, firstAt, lastAt] = parseArray(text) ?? [];
	if (
		typeof keyId !== 'string' ||
		!isUuid(keyId) ||
		!isKind(kind) ||
		typeof value !== 'string' ||
		typeof agent !== 'string'
	)
		return undefined;
	if (!isCount(count) || !isCount(refused) || !isInstant(firstAt) || !isInstant(lastAt))
		return undefined;
	const isFit = kind === 'client' ? value === '' || isAddress(value) : isText(value);
	if (!isFit || (agent !== '' && !isText(agent))) return undefined;
	return {keyId, kind, value, agent, count, refused, firstAt, lastAt};
}

/** The number of the write that put an entry or a detail into Redis: it stands at the end of each. */
export function writeOf(text: string): number {
	return Number(text.slice(text.lastIndexOf(',') + 1, -1));
}

/** Last instant that JavaScript knows; PostgreSQL knows it too. */
export const latestMs = 8.64e15;

function isInstant(value: unknown): value is number {
	return isCount(value) && value <= latestMs;
}

/** PostgreSQL takes no zone in an address. */
function isAddress(value: unknown): value is string {
	return typeof value === 'string' && isIP(value) > 0 && !value.includes('%');
}

function isText(value: unknown): value is string {
	return typeof value === 'string' && /^[\x20-\x7E]{1,512}$/.test(value);
}

function isKind(value: unknown): value is DetailKind {
	return detailKinds.some((kind) => kind === value);
}

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

/** What PostgreSQL is to have of some changes of a batch. */
export function toRows(
	batch: {hour: number; id: string},
	{entries, details}: UsageChanges,
): {rows: UsageRow[]; lastUses: LastUse[]; details: UsageDetailRow[]} {
	const rows: UsageRow[] = [];
	const lastUses: LastUse[] = [];
	const ofBatch = {hour: batch.hour, processId: batch.id};
	for (const [keyId, {counts, firstUsed, lastUsed, lastKnown}] of entries) {
		for (const [outcome, count] of Object.entries(counts) as [CountedOutcome, number][]) {
			rows.push({...ofBatch, keyId, outcome, count});
		}
		if (lastUsed > 0) lastUses.push({keyId, firstAt: firstUsed, at: lastUsed, known: lastKnown});
	}
	return {
		rows,
		lastUses,
		details: details.map(([number, detail]) => ({...ofBatch, detail: number, ...detail})),
	};
}
