import type {Plan} from '../../contract/organisations.ts';
import {outcomeNames, type CountedOutcome} from '../../contract/outcomes.ts';
import type {KeyLimits} from '../limits/definitions.ts';
import type {QuotaAdjustment} from '../limits/facts.ts';
import type {Asked} from './asked.ts';
import type {KeyLabels} from './labels.ts';
import {isMet} from './scopes.ts';
import {ruleOutcomes, type KeyRules, type RuleOutcome} from './terms.ts';

/** What one look-up brings about a key. */
export type KeyState = {
	keyId: string;
	name: string;
	organisationId: string;
	plan: Plan;
	/** As it is shown: presented far more often than read. */
	createdAt: string;
	expiresAt: Date | null;
	revokedAt: Date | null;
	isSuspended: boolean;
	notBefore: Date | null;
	/** Until when it is accepted beside its successor; null: it was not rotated. */
	graceUntil: Date | null;
	/** Of what else it carries; most carry nothing. */
	rules?: KeyRules | undefined;
	/** What it is for; most say nothing. */
	labels?: KeyLabels | undefined;
	/** Of the first key of the chain that rotations made: all of them use its limits up together. */
	lineageId: string;
	/** What limits how often it is used; most have none. */
	limits?: KeyLimits | undefined;
	/** Of its own quota; undefined: none. */
	quotaAdjustments?: readonly QuotaAdjustment[] | undefined;
	/** Room for those of `KeyFacts`: a member that comes later takes three times as much memory. */
	checks?: readonly Check[] | undefined;
};

/** Everything that a decision about a key rests on. */
export type KeyFacts = KeyState & {
	/** Those that can ever refuse it, chosen by `prepareFacts` when it was read. */
	readonly checks: readonly Check[];
};

/** Only this plan may use keys. */
export function plansAllowKeys(plan: Plan): boolean {
	return plan === 'team';
}

type Check = {
	readonly outcome: Exclude<CountedOutcome, 'valid' | LimitOutcome>;
	/**
	 * Whether it can refuse a key with this state at any time, whatever is asked: asked once, when the
	 * key is read, so that a key that carries nothing is not asked at each use what it lacks.
	 */
	readonly canRefuse: (state: KeyState) => boolean;
	readonly refuses: (state: KeyState, asked: Asked, now: number) => boolean;
};

/** What comes after all of these, and is not known here: see core/limits. */
export type LimitOutcome = 'rate_limited' | 'quota_exceeded';

/** What a key is refused for by its own state, or by what the use needs. */
const ofState: Record<
	Exclude<CountedOutcome, 'valid' | RuleOutcome | LimitOutcome>,
	Omit<Check, 'outcome'>
> = {
	revoked: always(({revokedAt}) => revokedAt !== null),
	suspended: always(({isSuspended}) => isSuspended),
	not_yet_valid: {
		canRefuse: ({notBefore}) => notBefore !== null,
		refuses: ({notBefore}, _asked, now) => notBefore !== null && now < notBefore.getTime(),
	},
	expired: {
		canRefuse: ({expiresAt}) => expiresAt !== null,
		refuses: ({expiresAt}, _asked, now) => expiresAt !== null && expiresAt.getTime() <= now,
	},
	rotated: {
		canRefuse: ({graceUntil}) => graceUntil !== null,
		refuses: ({graceUntil}, _asked, now) => graceUntil !== null && graceUntil.getTime() <= now,
	},
	plan_inactive: always(({plan}) => !plansAllowKeys(plan)),
	insufficient_scope: {
		// A key that has no scopes, too: where nobody said what the use needs, nothing is enough.
		canRefuse: () => true,
		refuses: ({rules}, {scopes}) => scopes !== undefined && !isMet(scopes, rules?.scopes),
	},
};

/** Refuses a key for what it is, however it is used and whenever. */
function always(isRefused: (state: KeyState) => boolean): Omit<Check, 'outcome'> {
	return {canRefuse: isRefused, refuses: isRefused};
}

function ofTerms(outcome: RuleOutcome): Omit<Check, 'outcome'> {
	return {
		canRefuse: ({rules}) => rules?.refusals[outcome] !== undefined,
		refuses: ({rules}, asked, now) =>
			rules?.refusals[outcome]?.some(({refuses}) => refuses(asked, now)) === true,
	};
}

const isOfState = (outcome: string): outcome is keyof typeof ofState =>
	Object.hasOwn(ofState, outcome);
const isOfTerms = (outcome: string): outcome is RuleOutcome => ruleOutcomes.has(outcome);

/** In the order of the contract's table. */
export const allChecks: readonly Check[] = outcomeNames.flatMap((outcome): Check[] => {
	if (isOfState(outcome)) return [{outcome, ...ofState[outcome]}];
	return isOfTerms(outcome) ? [{outcome, ...ofTerms(outcome)}] : [];
});

/** Each list of checks once, by which of them are in it: keys have no list of their own. */
const lists = new Map<number, readonly Check[]>();

function checksFor(state: KeyState): readonly Check[] {
	let members = 0;
	for (const [place, {canRefuse}] of allChecks.entries()) {
		if (canRefuse(state)) members |= 1 << place;
	}
	let list = lists.get(members);
	if (list === undefined) {
		list = allChecks.filter((_check, place) => members & (1 << place));
		lists.set(members, list);
	}
	return list;
}

/** Chooses once which checks are to be made at each use of a key. */
export function prepareFacts(state: KeyState): KeyFacts {
	return {...state, checks: checksFor(state)};
}

/**
 * Decides about a key that exists: the first check that refuses it is the outcome. Pure, and
 * allocates nothing: it is done at each use.
 *
 * @param now of this moment, not of that when the request came: a look-up may lie between
 */
export function decide(
	facts: KeyFacts,
	asked: Asked,
	now: number,
): Exclude<CountedOutcome, LimitOutcome> {
	for (const check of facts.checks) if (check.refuses(facts, asked, now)) return check.outcome;
	return 'valid';
}
