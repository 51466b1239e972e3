import type {Pool} from 'pg';
import {decide, type KeyFacts, type Refusal} from '../keys/policy.ts';
import {findFactsByHash} from '../keys/store.ts';
import {hashKey, type KeyFormat} from '../keys/token.ts';
import type {UsageRecorder} from '../usage/recorder.ts';

export type Verdict =
	| {outcome: 'valid'; facts: KeyFacts}
	/** `facts` are there when the key exists; an unauthenticated caller never learns the outcome. */
	| {outcome: Refusal; facts?: KeyFacts};

export type Verifier = {
	/**
	 * Decides about a presented text. What is no key at all is refused without a hash or a look-up.
	 *
	 * @param ip address of the client, kept as the address of last use
	 * @throws when PostgreSQL cannot be asked: never a refusal
	 */
	verify(presented: string, ip: string | undefined): Promise<Verdict>;
};

/** Decides about keys and counts each check of one that exists. */
export function createVerifier(options: {
	pool: Pool;
	format: KeyFormat;
	usage: UsageRecorder;
	now?: () => number;
}): Verifier {
	const {pool, format, usage, now = Date.now} = options;
	return {
		async verify(presented, ip) {
			const key = format.parse(presented);
			if (key === undefined) return {outcome: 'malformed'};
			const facts = await findFactsByHash(pool, hashKey(key));
			if (facts === undefined) return {outcome: 'unknown'};
			const outcome = decide(facts, now());
			usage.record(facts.keyId, outcome, ip);
			return {outcome, facts};
		},
	};
}
