import {
	outcomeNames,
	outcomes,
	type CheckName,
	type CountedOutcome,
	type Outcome,
	type Refusal,
} from '../../contract/outcomes.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {ExplainedCheck} from '../../contract/verification.ts';
import {remaining, remainingOfQuota, type LimitsVerdict} from '../limits/verdict.ts';
import type {Asked} from './asked.ts';
import {allChecks, type KeyFacts} from './policy.ts';
import {missingScopes} from './scopes.ts';
import {isEndedEarly} from './status.ts';

/** What the check of a key would come to, step by step. */
export type Explanation = {
	outcome: Outcome;
	facts: KeyFacts | undefined;
	limits?: LimitsVerdict | undefined;
	/** All of them, in their order. */
	checks: ExplainedCheck[];
};

/** What limits are for a use that is not charged; `unread`: whoever keeps them could not be asked. */
export type LimitsOfDryRun = LimitsVerdict | 'unread' | undefined;

type Said = Omit<ExplainedCheck, 'check'>;

const skipped: Said = {outcome: 'skipped', detail: null};
const passed: Said = {outcome: 'pass', detail: null};
const unread: Said = {outcome: 'skipped', detail: 'they cannot be read now'};

/** Of what is not a key, or not one of whoever asks: nothing is known that the other steps could look at. */
export function explainStranger(outcome: 'malformed' | 'unknown'): Explanation {
	const said: Said =
		outcome === 'malformed'
			? {outcome: 'fail', detail: 'prefix, length or checksum are not those of a key'}
			: {outcome: 'fail', detail: 'there is no such key in this organization'};
	const checks = stepsOf((step) => {
		if (step === outcome) return said;
		return outcome === 'unknown' && step === 'malformed' ? passed : skipped;
	});
	return {outcome, facts: undefined, checks};
}

/**
 * Asks every check that a key may be refused by, also behind one that refuses it.
 *
 * @param limits undefined: none concerns such a use
 * @param now in ms since the epoch
 */
export function explainKey(
	facts: KeyFacts,
	asked: Asked,
	limits: LimitsOfDryRun,
	now: number,
): Explanation {
	const failed: Refusal[] = [];
	const checks = stepsOf((step) => {
		const said = sayOf(step, facts, asked, limits, now);
		if (said.outcome === 'fail') failed.push(step);
		return said;
	});
	const told = limits === 'unread' ? undefined : limits;
	return {outcome: failed[0] ?? 'valid', facts, limits: told, checks};
}

function stepsOf(say: (step: Refusal) => Said): ExplainedCheck[] {
	return outcomeNames
		.filter((outcome) => outcome !== 'valid')
		.map((step) => ({check: outcomes[step].check as CheckName, ...say(step)}));
}

function sayOf(
	step: Refusal,
	facts: KeyFacts,
	asked: Asked,
	limits: LimitsOfDryRun,
	now: number,
): Said {
	if (step === 'rate_limited') return ofLimits(limits);
	if (step === 'quota_exceeded') return ofQuotas(limits);
	if (step === 'insufficient_scope' && asked.scopes === undefined) {
		return {outcome: 'skipped', detail: 'none were asked for'};
	}
	const check = allChecks.find(({outcome}) => outcome === step);
	// That it is a key, and a known one, is known of whatever has facts.
	if (check === undefined) return passed;
	const outcome = check.refuses(facts, asked, now) ? 'fail' : 'pass';
	return {outcome, detail: details[check.outcome]?.(facts, asked, outcome) ?? null};
}

type Detail = (facts: KeyFacts, asked: Asked, outcome: 'pass' | 'fail') => string | null;

/** What is told of a step, for people. */
const details: Partial<Record<CountedOutcome, Detail>> = {
	revoked: ({revokedAt}) => instant(revokedAt),
	not_yet_valid: ({notBefore}) => instant(notBefore),
	expired: ({expiresAt}) => instant(expiresAt),
	rotated: ({graceUntil}) =>
		graceUntil && isEndedEarly(graceUntil) ? 'its grace was ended early' : instant(graceUntil),
	plan_inactive: ({plan}, _asked, outcome) => (outcome === 'fail' ? `the plan is ${plan}` : null),
	ip_denied: detailOfAddress,
	insufficient_scope: detailOfScopes,
};

function detailOfAddress({rules}: KeyFacts, {origin}: Asked, outcome: 'pass' | 'fail') {
	const ofAddress = rules?.refusals.ip_denied ?? [];
	if (ofAddress.length === 0) return 'the key may be used from everywhere';
	if (origin === undefined) return 'no address was given';
	if (outcome === 'pass') return `${origin} may use it`;
	const refusing = ofAddress.find(({refuses}) => refuses({ip: origin, origin}, 0));
	return refusing?.term === 'ip_deny'
		? `${origin} is in ip_deny`
		: `${origin} is in none of ip_allow`;
}

function detailOfScopes({rules}: KeyFacts, {scopes}: Asked, outcome: 'pass' | 'fail') {
	if (scopes === undefined || rules?.scopes === undefined)
		return 'the key is not restricted to scopes';
	if (outcome === 'pass') return null;
	return `the key lacks ${missingScopes(scopes, rules.scopes).join(', ')}`;
}

function ofLimits(verdict: LimitsOfDryRun): Said {
	if (verdict === 'unread') return unread;
	const limits = verdict?.limits ?? [];
	if (limits.length === 0) return {outcome: 'skipped', detail: 'none is for this use'};
	const told = limits.map((state) => `${state.of.shown} ${remaining(state)} of ${state.of.burst}`);
	return saidOf(limits, told);
}

function ofQuotas(verdict: LimitsOfDryRun): Said {
	if (verdict === 'unread') return unread;
	const quotas = verdict?.quotas ?? [];
	if (quotas.length === 0) return {outcome: 'skipped', detail: 'there is none'};
	const told = quotas.map(
		(state) => `${state.of.shown} ${remainingOfQuota(state)} of ${state.of.limit}`,
	);
	return saidOf(quotas, told);
}

function saidOf(states: readonly {isExceeded: boolean}[], told: readonly string[]): Said {
	const isExceeded = states.some((state) => state.isExceeded);
	return {outcome: isExceeded ? 'fail' : 'pass', detail: told.join(', ')};
}

function instant(at: Date | null): string | null {
	return at && toTimestamp(at);
}
