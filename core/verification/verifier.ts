import {decide, type KeyFacts, type Refusal} from '../keys/policy.ts';
import {hashKeyToText, type KeyFormat, type KeyHashText, type PlainKey} from '../keys/token.ts';
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
	 * @param organisationId who asks: a key of another organisation is unknown, and its check not counted
	 * @throws when PostgreSQL cannot be asked: never a refusal
	 */
	verify(
		presented: string,
		ip: string | undefined,
		organisationId?: string,
	): Verdict | Promise<Verdict>;

	/** As `verify`, where it needs no round trip; else undefined, and nothing was counted. */
	verifyNow(
		presented: string,
		ip: string | undefined,
		organisationId?: string,
	): Verdict | undefined;
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
	function judge(
		facts: KeyFacts | null | undefined,
		ip: string | undefined,
		organisationId: string | undefined,
	): Verdict {
		if (facts === null || facts === undefined) return unknown;
		if (organisationId !== undefined && facts.organisationId !== organisationId) return unknown;
		const outcome = decide(facts, now());
		usage.record(facts.keyId, outcome, ip);
		return {outcome, facts};
	}

	const verifyNow: Verifier['verifyNow'] = (presented, ip, organisationId) => {
		const key = format.parse(presented);
		if (key === undefined) return malformed;
		const facts = memory.get(hashKeyToText(key));
		// The lease is asked after the reading: a process that was stopped in between finds it gone.
		return facts !== undefined && lease.isHeld() ? judge(facts, ip, organisationId) : undefined;
	};

	const read = async (
		hash: KeyHashText,
		ip: string | undefined,
		organisationId: string | undefined,
	): Promise<Verdict> => judge(await memory.fill(hash, lease.isHeld()), ip, organisationId);

	return {
		verifyNow,
		verify(presented, ip, organisationId) {
			const verdict = verifyNow(presented, ip, organisationId);
			if (verdict !== undefined) return verdict;
			return read(hashKeyToText(presented as PlainKey), ip, organisationId);
		},
	};
}
