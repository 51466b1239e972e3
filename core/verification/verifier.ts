import {decide, type KeyFacts, type Refusal} from '../keys/policy.ts';
import {hashKeyToText, type KeyFormat, type KeyHashText} from '../keys/token.ts';
import type {UsageRecorder} from '../usage/recorder.ts';
import type {FactsMemory} from './facts.ts';

export type Verdict =
	| {outcome: 'valid'; facts: KeyFacts}
	/** `facts` are there when the key exists; an unauthenticated caller never learns the outcome. */
	| {outcome: Refusal; facts: KeyFacts | undefined};

export type Verifier = {
	/**
	 * Decides about a presented text. What is no key at all is refused without a hash or a look-up,
	 * a key in memory without a round trip: those answers come at once, not as a promise.
	 *
	 * @param ip address of the client, kept as the address of last use
	 * @throws when PostgreSQL cannot be asked: never a refusal
	 */
	verify(presented: string, ip: string | undefined): Verdict | Promise<Verdict>;
};

const malformed: Verdict = {outcome: 'malformed', facts: undefined};
const unknown: Verdict = {outcome: 'unknown', facts: undefined};

/** Decides about keys and counts each check of one that exists. */
export function createVerifier(options: {
	format: KeyFormat;
	memory: FactsMemory;
	/** Whether memory may be used; see Coherence. */
	lease: {isHeld: () => boolean};
	usage: UsageRecorder;
	now?: () => number;
}): Verifier {
	const {format, memory, lease, usage, now = Date.now} = options;

	/** Expiry and the like are judged here, by the clock of this moment, and never remembered. */
	function judge(facts: KeyFacts | null | undefined, ip: string | undefined): Verdict {
		if (facts === null || facts === undefined) return unknown;
		const outcome = decide(facts, now());
		usage.record(facts.keyId, outcome, ip);
		return {outcome, facts};
	}

	async function read(hash: KeyHashText, ip: string | undefined): Promise<Verdict> {
		return judge(await memory.fill(hash, lease.isHeld()), ip);
	}

	return {
		verify(presented, ip) {
			const key = format.parse(presented);
			if (key === undefined) return malformed;
			const hash = hashKeyToText(key);
			const facts = memory.get(hash);
			// The lease is asked after the reading: a process that was stopped in between finds it gone.
			if (facts !== undefined && lease.isHeld()) return judge(facts, ip);
			return read(hash, ip);
		},
	};
}
