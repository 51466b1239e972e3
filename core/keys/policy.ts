import type {Plan} from '../../contract/organisations.ts';

/** What one look-up brings: everything that a decision about a key rests on. */
export type KeyFacts = {
	keyId: string;
	name: string;
	organisationId: string;
	plan: Plan;
	/** As it is shown: presented far more often than read. */
	createdAt: string;
	expiresAt: Date | null;
	revokedAt: Date | null;
};

/** Outcomes of checking a key that exists, as they are counted. */
export const outcomes = ['valid', 'revoked', 'expired', 'plan_inactive'] as const;
export type Outcome = (typeof outcomes)[number];

/** Why a presented key is refused; `malformed` and `unknown` come before there are facts. */
export type Refusal = Exclude<Outcome, 'valid'> | 'malformed' | 'unknown';

/** Only this plan may use keys. */
export function plansAllowKeys(plan: Plan): boolean {
	return plan === 'team';
}

/** Decides about a key that exists. Pure: time-driven terms are judged by `now` on every request. */
export function decide(facts: KeyFacts, now: number): Outcome {
	if (facts.revokedAt !== null) return 'revoked';
	if (facts.expiresAt !== null && facts.expiresAt.getTime() <= now) return 'expired';
	if (!plansAllowKeys(facts.plan)) return 'plan_inactive';
	return 'valid';
}
