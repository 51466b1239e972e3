import type {KeyFacts} from '../keys/policy.ts';
import {uuidLength, uuidWords, writeUuid, writeUuidText} from '../uuid-words.ts';

/** What tells one plain key from another of its organisation, beside its name. */
type Own = 'keyId' | 'lineageId' | 'name' | 'createdAt';

/** What the keys of an organisation have in common. */
export type Common = Pick<KeyFacts, 'organisationId' | 'plan'>;

/** What a key has that carries nothing, as most do. */
const nothing: Record<Exclude<keyof KeyFacts, Own | 'checks' | keyof Common>, unknown> = {
	expiresAt: null,
	revokedAt: null,
	isSuspended: false,
	notBefore: null,
	graceUntil: null,
	rules: undefined,
	labels: undefined,
	limits: undefined,
	quotaAdjustments: undefined,
};
const carried = Object.keys(nothing) as readonly (keyof typeof nothing)[];

/** Of `2024-01-15T10:30:00Z`. */
const createdLength = 20;
const createdWords = createdLength / 4;
/** Id, creation, and which of the lists of checks. */
const recordLength = uuidWords + createdWords + 1;

/**
 * Facts of keys that carry nothing, by slot: 40 bytes each, where an object with its texts takes 300.
 * The facts are made anew for each use, which takes less time than to fetch such an object from memory,
 * and the collector finds nothing here to walk.
 */
export class PlainFacts {
	readonly #records: Uint32Array;
	/** All that there are: each is one object for all keys that have it. */
	readonly #checks: KeyFacts['checks'][] = [];

	/** @param bound most slots */
	constructor(bound: number) {
		this.#records = new Uint32Array(bound * recordLength);
	}

	/** @returns whether the facts are those of a plain key: else they are to be kept as they are */
	keep(slot: number, facts: KeyFacts): boolean {
		const {keyId, lineageId, createdAt, checks} = facts;
		if (lineageId !== keyId || createdAt.length !== createdLength) return false;
		for (const member of carried) if (facts[member] !== nothing[member]) return false;
		const at = slot * recordLength;
		if (!writeUuid(keyId, this.#records, at)) return false;
		texts.write(createdAt, uuidLength, 'latin1');
		this.#records.set(createdAsWords, at + uuidWords);
		this.#records[at + recordLength - 1] = this.#placeOf(checks);
		return true;
	}

	#placeOf(checks: KeyFacts['checks']): number {
		const place = this.#checks.indexOf(checks);
		return place < 0 ? this.#checks.push(checks) - 1 : place;
	}

	/** @param name it has a length of its own, and is kept elsewhere */
	read(slot: number, name: string, {organisationId, plan}: Common): KeyFacts {
		const at = slot * recordLength;
		writeUuidText(this.#records, at, texts);
		for (let word = 0; word < createdWords; word++) {
			createdAsWords[word] = this.#records[at + uuidWords + word] ?? 0;
		}
		// Two parts of one text take half the time of two texts.
		const text = texts.toString('latin1');
		const keyId = text.slice(0, uuidLength);
		// All of its members, in the order of every other key's facts: code that is compiled for one form is faster.
		const facts: {[Member in keyof Required<KeyFacts>]: KeyFacts[Member]} = {
			keyId,
			name,
			organisationId,
			plan,
			createdAt: text.slice(uuidLength),
			expiresAt: null,
			revokedAt: null,
			isSuspended: false,
			notBefore: null,
			graceUntil: null,
			rules: undefined,
			labels: undefined,
			lineageId: keyId,
			limits: undefined,
			quotaAdjustments: undefined,
			checks: this.#checks[this.#records[at + recordLength - 1] ?? 0] ?? [],
		};
		return facts;
	}
}

/** Id and creation of the key that is read or kept. */
const texts = Buffer.from(new ArrayBuffer(uuidLength + createdLength));
const createdAsWords = new Uint32Array(texts.buffer, uuidLength);
