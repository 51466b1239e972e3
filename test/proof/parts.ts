import {shippedParts, type Parts} from '../../core/deps.ts';
import {Clock} from '../../core/clock/clock.ts';
import {prepareFacts, type KeyFacts} from '../../core/keys/policy.ts';
import {Coherence} from '../../core/verification/coherence.ts';
import type {BarrierResult} from '../../core/verification/barrier.ts';
import {FactsMemory, type FactsMemoryOptions} from '../../core/verification/facts.ts';
import {Lease} from '../../core/verification/lease.ts';
import {TermsUnknown} from '../../core/keys/terms.ts';
import type {KeyHashText} from '../../core/keys/token.ts';
import {setTimeout as sleep} from 'node:timers/promises';

/** Builds of the server: the real one, and one without each of its safeguards. */
export const builds = [
	'correct',
	'no barrier',
	'no dirty marking',
	'no lease',
	'no eviction of live keys',
	'own clock',
	'times judged once',
	'grace cached',
] as const;
export type Build = (typeof builds)[number];

class WithoutBarrier extends Coherence {
	protected override async wait(): Promise<BarrierResult> {
		return {verifiers: 0, ms: 0, unconfirmed: [], lapsed: []};
	}
}

class WithoutDirtyMarking extends FactsMemory {
	protected override markDirty(): void {}
}

/** As if triggers announced nothing but revocations: suspensions and patches are not heard of. */
class WithoutEvictionOfLiveKeys extends FactsMemory {
	readonly #readAgain: FactsMemoryOptions['read'];

	constructor(options: FactsMemoryOptions) {
		super(options);
		this.#readAgain = options.read;
	}

	override evictKey(hash: KeyHashText): void {
		void this.#evictIfRevoked(hash).catch(() => {});
	}

	async #evictIfRevoked(hash: KeyHashText): Promise<void> {
		const facts = (await this.#readAgain([hash])).get(hash);
		if (facts === undefined || facts instanceof TermsUnknown) return;
		if (facts.revokedAt !== null) super.evictKey(hash);
	}
}

type Read = FactsMemoryOptions['read'];

/** Has other facts of keys read than there are. */
function readWith(read: Read, alter: (facts: KeyFacts, hash: KeyHashText) => KeyFacts): Read {
	return async (hashes) => {
		const found = [...(await read(hashes))];
		return new Map(
			found.map(([hash, facts]): [KeyHashText, KeyFacts | TermsUnknown] => [
				hash,
				facts instanceof TermsUnknown ? facts : prepareFacts(alter(facts, hash)),
			]),
		);
	};
}

/** What a key's times say when it is read is taken for what they say at each use. */
class WithTimesJudgedOnce extends FactsMemory {
	constructor({read, ...options}: FactsMemoryOptions) {
		const onlyPast = (time: Date | null) => (time && time.getTime() <= Date.now() ? time : null);
		const judged = readWith(read, (facts) => ({
			...facts,
			expiresAt: onlyPast(facts.expiresAt),
			graceUntil: onlyPast(facts.graceUntil),
		}));
		super({...options, read: judged});
	}
}

/** Goes by the first grace that it knows of a key, whatever becomes of that. */
class WithGraceCached extends FactsMemory {
	constructor({read, ...options}: FactsMemoryOptions) {
		const graces = new Map<KeyHashText, Date>();
		const cached = readWith(read, (facts, hash) => {
			const graceUntil = graces.get(hash) ?? facts.graceUntil;
			if (graceUntil !== null) graces.set(hash, graceUntil);
			return {...facts, graceUntil};
		});
		super({...options, read: cached});
	}
}

/** Goes by the clock of its machine. */
class MachineClock extends Clock {
	override learn(): void {}
}

/** By build, where it is not the one that is shipped. */
const memories: Partial<Record<Build, typeof FactsMemory>> = {
	'no dirty marking': WithoutDirtyMarking,
	'no eviction of live keys': WithoutEvictionOfLiveKeys,
	'times judged once': WithTimesJudgedOnce,
	'grace cached': WithGraceCached,
};

/** Once granted it is held for ever. */
class EndlessLease extends Lease {
	#isGranted = false;

	override grant(): void {
		this.#isGranted = true;
	}

	override isHeld(): boolean {
		return this.#isGranted;
	}
}

/**
 * @param readDelayMs an answer of PostgreSQL about keys reaches the memory up to this much later,
 *   which widens the window of the race between a reading and an eviction
 */
export function partsOf(build: Build, readDelayMs: number): Parts {
	return {
		...shippedParts,
		...(build === 'own clock' && {clock: (log) => new MachineClock({log})}),
		memory(options) {
			const Kind = memories[build] ?? FactsMemory;
			return new Kind({
				...options,
				async read(hashes) {
					const found = await options.read(hashes);
					await sleep(Math.random() * readDelayMs);
					return found;
				},
			});
		},
		coherence(options) {
			if (build === 'no barrier') return new WithoutBarrier(options);
			if (build === 'no lease') return new Coherence({...options, lease: new EndlessLease()});
			return new Coherence(options);
		},
	};
}
