import {decide, type KeyFacts, type Refusal} from '../keys/policy.ts';
import {hashKeyToText, type KeyFormat, type KeyHashText, type PlainKey} from '../keys/token.ts';
import type {UsageRecorder} from '../usage/recorder.ts';
import type {FactsMemory} from './facts.ts';

export type Verdict =
	| {outcome: 'valid'; facts: KeyFacts}
	/** `facts` are there when the key exists; an unauthenticated caller never learns the outcome. */
	| {outcome: Refusal; facts: KeyFacts | undefined};

/** What is known about a presented text without a round trip: nothing is counted yet. */
export type Lookup = KeyFacts | 'malformed' | 'unknown';

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

	/** The first half of `verify`; undefined where PostgreSQL must be asked. */
	lookUp(presented: string): Lookup | undefined;

	/** The second half: decides by the clock of this moment, and counts the check. */
	judge(lookup: Lookup, ip: string | undefined, organisationId?: string): Verdict;
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

	const lookUp: Verifier['lookUp'] = (presented) => {
		const key = format.parse(presented);
		if (key === undefined) return 'malformed';
		const facts = memory.get(hashKeyToText(key));
		// The lease is asked after the reading: a process that was stopped in between finds it gone.
		if (facts === undefined || !lease.isHeld()) return undefined;
		return facts ?? 'unknown';
	};

	/** Expiry and the like are judged here, and never remembered. */
	const judge: Verifier['judge'] = (lookup, ip, organisationId) => {
		if (lookup === 'malformed') return malformed;
		if (lookup === 'unknown') return unknown;
		if (organisationId !== undefined && lookup.organisationId !== organisationId) return unknown;
		const outcome = decide(lookup, now());
		usage.record(lookup.keyId, outcome, ip);
		return {outcome, facts: lookup};
	};

	const read = async (
		hash: KeyHashText,
		ip: string | undefined,
		organisationId: string | undefined,
	): Promise<Verdict> =>
		judge((await memory.fill(hash, lease.isHeld())) ?? 'unknown', ip, organisationId);

	return {
		lookUp,
		judge,
		verify(presented, ip, organisationId) {
			const lookup = lookUp(presented);
			if (lookup !== undefined) return judge(lookup, ip, organisationId);
			return read(hashKeyToText(presented as PlainKey), ip, organisationId);
		},
	};
}
