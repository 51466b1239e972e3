import {createHash} from 'node:crypto';
import {unkeyCodes, type UnkeyVerification} from '../../contract/unkey.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {limitSubject} from '../../core/limits/subjects.ts';
import {
	remaining,
	remainingOfQuota,
	resetSeconds,
	type LimitState,
	type LimitsVerdict,
} from '../../core/limits/verdict.ts';
import type {Verdict} from '../../core/verification/verifier.ts';
import {presentKnown} from './verification.ts';

type Data = UnkeyVerification['data'];
type ShownLimit = NonNullable<Data['ratelimits']>[number];

/** The check of a key as clients of Unkey read it: what there is nothing to tell of is left out. */
export function presentUnkeyVerification({outcome, facts, limits}: Verdict, now: number): Data {
	const code = unkeyCodes[outcome];
	const valid = outcome === 'valid';
	// To them a key that was revoked or replaced is not there any more.
	if (facts === undefined || code === 'NOT_FOUND') return {valid, code};
	const {owner, metadata, scopes, roles} = presentKnown(facts, now);
	return {
		valid,
		code,
		keyId: facts.keyId,
		name: facts.name,
		meta: metadata ?? {},
		...(facts.expiresAt && {expires: facts.expiresAt.getTime()}),
		...creditsOf(limits),
		enabled: code !== 'DISABLED',
		...(scopes && {permissions: scopes}),
		roles,
		...(owner && {identity: {id: `${owner.type}/${owner.id}`, externalId: owner.id}}),
		...(limits && limits.limits.length > 0 && {ratelimits: presentLimits(limits, facts)}),
	};
}

function creditsOf(limits: LimitsVerdict | undefined): Pick<Data, 'credits'> {
	const left = limits?.quotas.map(remainingOfQuota) ?? [];
	return left.length === 0 ? {} : {credits: Math.min(...left)};
}

/** Of two of one name, the key's and the caller's, the one that has less room. */
function presentLimits({limits, at}: LimitsVerdict, facts: KeyFacts): ShownLimit[] {
	const byName = Map.groupBy(limits, ({of}) => of.shown);
	return [...byName.values()].map((ofName) => presentLimit(tightest(ofName), at, facts));
}

function tightest([first, ...others]: LimitState[]): LimitState {
	if (first === undefined) throw new Error('no limit');
	return others.reduce((one, other) => {
		if (one.isExceeded !== other.isExceeded) return one.isExceeded ? one : other;
		return remaining(other) < remaining(one) ? other : one;
	}, first);
}

function presentLimit(state: LimitState, at: number, facts: KeyFacts): ShownLimit {
	const {of, isExceeded: exceeded} = state;
	const duration = Math.round(of.windowSeconds * 1000);
	// What never fits is told as if the window had to pass.
	const seconds = resetSeconds(state);
	return {
		id: idOf(of, facts),
		name: of.shown,
		limit: of.limit,
		duration,
		reset: Math.ceil(at) + (seconds === null ? duration : seconds * 1000),
		remaining: remaining(state),
		exceeded,
		autoApply: of.auto && !of.isAsked,
	};
}

/** The same for the same limit of the same key. */
function idOf(of: LimitState['of'], facts: KeyFacts): string {
	const text = `${facts.organisationId} ${limitSubject(of, facts)} ${of.name}`;
	return `rl_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}
