import {
	outcomeNames,
	type CountedOutcome,
	type Outcome,
	type Refusal,
} from '../../contract/outcomes.ts';
import type {Asked} from '../keys/asked.ts';
import {
	explainKey,
	explainStranger,
	type Explanation,
	type LimitsOfDryRun,
} from '../keys/explain.ts';
import {decide, type KeyFacts} from '../keys/policy.ts';
import {hashKeyToText, type KeyFormat, type PlainKey} from '../keys/token.ts';
import type {LimitsAsked} from '../limits/charges.ts';
import {unlimited} from '../limits/definitions.ts';
import type {Limiter} from '../limits/limiter.ts';
import type {LimitsVerdict} from '../limits/verdict.ts';
import type {DecisionTail} from '../tail/tail.ts';
import type {UsageRecorder} from '../usage/recorder.ts';
import type {FactsMemory} from './facts.ts';

export type Verdict =
	| {outcome: 'valid'; facts: KeyFacts; limits?: LimitsVerdict}
	/** `facts` are there when the key exists; an unauthenticated caller never learns the outcome. */
	| {outcome: Refusal; facts: KeyFacts | undefined; limits?: LimitsVerdict};

/** What is known about a presented text: nothing is counted yet. */
export type Lookup = KeyFacts | 'malformed' | 'unknown';

/** The same with where it was read: in memory, which what is not a key at all counts as, or in PostgreSQL. */
export type Found = {lookup: Lookup; source: 'memory' | 'database'};

export type Verifier = {
	/** How many checks came to what, since the start: those that `verify` and `judge` decide about. */
	readonly checks: Readonly<Record<Outcome, number>>;

	/**
	 * Decides about a presented text. What is not a key at all is refused without a hash or a look-up,
	 * a key in memory without a round trip: those answers come at once, not as a promise.
	 *
	 * @throws when PostgreSQL cannot be asked: never a refusal
	 */
	verify(presented: string, asked: Asked): Verdict | Promise<Verdict>;

	/** Decides as `verify` does, but counts nothing: the same request is looked at once more. */
	verifyAgain(presented: string, asked: Asked): Verdict | Promise<Verdict>;

	/** Decides about facts that were read elsewhere, and counts nothing. */
	review(facts: KeyFacts | undefined, asked: Asked): Verdict;

	/** The first half of `verify`; undefined where PostgreSQL must be asked. */
	lookUp(presented: string): Lookup | undefined;

	/**
	 * The same by PostgreSQL, of a text that `lookUp` knows nothing about.
	 *
	 * @throws when PostgreSQL cannot be asked
	 */
	read(presented: string): Promise<Lookup>;

	/** The same of many; undefined where PostgreSQL must be asked about one of them. */
	lookUpAll(presented: readonly string[]): Lookup[] | undefined;

	/**
	 * The same, asking PostgreSQL where that is needed: then the answer comes as a promise.
	 *
	 * @param isFresh whether PostgreSQL is asked whatever memory has
	 * @throws when PostgreSQL cannot be asked
	 */
	find(presented: string, isFresh?: boolean): Found | Promise<Found>;

	/**
	 * Decides as `judge` does, and counts nothing, and charges nothing: what each step of the check says,
	 * whichever fails.
	 *
	 * @throws {LimitsUnavailable}
	 */
	explain(lookup: Lookup, asked: Asked): Promise<Explanation>;

	/**
	 * The second half: decides by the clock of this moment, and counts the check; not that of a key
	 * of another organisation than the one that asks, which is unknown to it. Of a key that has limits
	 * the answer comes as a promise, from Redis.
	 *
	 * @throws {LimitsUnavailable}
	 */
	judge(lookup: Lookup, asked: Asked): Verdict | Promise<Verdict>;
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
	limiter: Pick<Limiter, 'use'>;
	/** Tells those who look on. */
	tail: Pick<DecisionTail, 'isWatched' | 'note'>;
	/** What a client calls itself, fit to be kept. */
	agentOf: (name: string) => string;
	/** By the clock that all servers share: see Clock. */
	now: () => number;
}): Verifier {
	const {format, memory, lease, usage, limiter, tail, agentOf, now} = options;

	const checks = Object.fromEntries(outcomeNames.map((outcome) => [outcome, 0])) as Record<
		Outcome,
		number
	>;

	/** What memory has, which holds only where the lease is held afterwards: a process may be stopped in between. */
	const recall = (presented: string): Lookup | undefined => {
		const key = format.parse(presented);
		if (key === undefined) return 'malformed';
		const facts = memory.get(hashKeyToText(key));
		return facts === null ? 'unknown' : facts;
	};

	const lookUp: Verifier['lookUp'] = (presented) => {
		const lookup = recall(presented);
		if (lookup === undefined || lookup === 'malformed') return lookup;
		return lease.isHeld() ? lookup : undefined;
	};

	const lookUpAll: Verifier['lookUpAll'] = (presented) => {
		const lookups: Lookup[] = [];
		for (const text of presented) {
			const lookup = recall(text);
			if (lookup === undefined) return undefined;
			lookups.push(lookup);
		}
		return lease.isHeld() ? lookups : undefined;
	};

	const refuse = (stranger: Verdict): Verdict => {
		checks[stranger.outcome]++;
		return stranger;
	};

	/** Every check that is counted comes by here. */
	const count = (facts: KeyFacts, asked: Asked, outcome: CountedOutcome, at: number): void => {
		const {ip, userAgent, tags, scopes} = asked;
		const agent = userAgent && agentOf(userAgent);
		usage.record(facts.keyId, outcome, {ip, agent, tags, scopes: scopes?.scopes}, at);
		checks[outcome]++;
		if (tail.isWatched) tail.note(facts, outcome, asked, at);
	};

	/** Expiry and the like are judged here, and never remembered. */
	const judge: Verifier['judge'] = (lookup, asked) => {
		if (lookup === 'malformed') return refuse(malformed);
		if (lookup === 'unknown') return refuse(unknown);
		const {organisationId} = asked;
		if (organisationId !== undefined && lookup.organisationId !== organisationId) {
			return refuse(unknown);
		}
		const at = now();
		const outcome = decide(lookup, asked, at);
		if (outcome === 'valid' && asked.limits !== undefined) {
			const deciding = limitsOfUse(lookup, asked.limits);
			if (deciding !== undefined) return conclude(lookup, asked, deciding);
		}
		count(lookup, asked, outcome, at);
		return {outcome, facts: lookup};
	};

	/** Undefined: nothing limits it. */
	const limitsOfUse = (facts: KeyFacts, asked: LimitsAsked): Promise<LimitsVerdict> | undefined => {
		const limits = facts.limits ?? (asked.own && unlimited);
		return limits && limiter.use(facts, limits, asked);
	};

	/** Counts what the limits of a key have come to, as all else that a check comes to. */
	const conclude = async (
		facts: KeyFacts,
		asked: Asked,
		deciding: Promise<LimitsVerdict>,
	): Promise<Verdict> => {
		const limits = await deciding;
		count(facts, asked, limits.outcome, limits.at);
		return {outcome: limits.outcome, facts, limits};
	};

	const explain: Verifier['explain'] = async (lookup, asked) => {
		const {organisationId} = asked;
		if (lookup === 'malformed' || lookup === 'unknown') return explainStranger(lookup);
		if (organisationId !== undefined && lookup.organisationId !== organisationId) {
			return explainStranger('unknown');
		}
		const at = now();
		return explainKey(lookup, asked, await limitsOfDryRun(lookup, asked, at), at);
	};

	/** A use that is refused before the limits is refused where these cannot be read, too. */
	const limitsOfDryRun = async (
		facts: KeyFacts,
		asked: Asked,
		at: number,
	): Promise<LimitsOfDryRun> => {
		if (asked.limits === undefined) return undefined;
		try {
			return await limitsOfUse(facts, {...asked.limits, isDryRun: true});
		} catch (error) {
			if (decide(facts, asked, at) === 'valid') throw error;
			return 'unread';
		}
	};

	const review: Verifier['review'] = (facts, asked) =>
		facts === undefined ? unknown : {outcome: decide(facts, asked, now()), facts};

	const read = async (presented: string, isFresh = false): Promise<Lookup> => {
		const hash = hashKeyToText(presented as PlainKey);
		return (await memory.fill(hash, !isFresh && lease.isHeld())) ?? 'unknown';
	};

	const readAndJudge = async (presented: string, asked: Asked): Promise<Verdict> =>
		judge(await read(presented), asked);

	const reviewFound = (lookup: Lookup, asked: Asked): Verdict => {
		if (lookup === 'malformed') return malformed;
		return review(lookup === 'unknown' ? undefined : lookup, asked);
	};

	return {
		checks,
		lookUp,
		lookUpAll,
		read,
		judge,
		explain,
		find(presented, isFresh = false) {
			const lookup = lookUp(presented);
			const isKnown = lookup === 'malformed' || (lookup !== undefined && !isFresh);
			if (isKnown) return {lookup, source: 'memory'};
			return read(presented, isFresh).then((found): Found => ({lookup: found, source: 'database'}));
		},
		verify(presented, asked) {
			const lookup = lookUp(presented);
			return lookup === undefined ? readAndJudge(presented, asked) : judge(lookup, asked);
		},
		verifyAgain(presented, asked) {
			const lookup = lookUp(presented);
			if (lookup !== undefined) return reviewFound(lookup, asked);
			return read(presented).then((found) => reviewFound(found, asked));
		},
		review,
	};
}
