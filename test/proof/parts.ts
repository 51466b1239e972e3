import type {Parts} from '../../core/deps.ts';
import {Coherence} from '../../core/verification/coherence.ts';
import type {BarrierResult} from '../../core/verification/barrier.ts';
import {FactsMemory} from '../../core/verification/facts.ts';
import {Lease} from '../../core/verification/lease.ts';
import {setTimeout as sleep} from 'node:timers/promises';

/** Builds of the server: the real one, and one without each of the three safeguards. */
export const builds = ['correct', 'no barrier', 'no dirty marking', 'no lease'] as const;
export type Build = (typeof builds)[number];

class WithoutBarrier extends Coherence {
	protected override async wait(): Promise<BarrierResult> {
		return {verifiers: 0, ms: 0, unconfirmed: [], lapsed: []};
	}
}

class WithoutDirtyMarking extends FactsMemory {
	protected override markDirty(): void {}
}

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
		memory(options) {
			const Kind = build === 'no dirty marking' ? WithoutDirtyMarking : FactsMemory;
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
