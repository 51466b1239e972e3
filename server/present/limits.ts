import type {
	HeldLimits,
	KeyLimitsState,
	ShownLimit,
	ShownQuota,
} from '../../contract/key-limits.ts';
import {resetsAt} from '../../core/limits/quota-used.ts';
import type {Charges} from '../../core/limits/charges.ts';
import type {LimitsVerdict} from '../../core/limits/verdict.ts';
import {
	remaining,
	remainingOfQuota,
	resetSeconds,
	resetSecondsOfQuota,
} from '../../core/limits/verdict.ts';

/*
Limits as the headers of an answer tell them (draft-ietf-httpapi-ratelimit-headers-11, an Internet-Draft).
Names are of letters, digits and `_-:`, so that they need no escapes in a string (RFC 9651, 3.3.3).
*/

const headers = {policy: 'RateLimit-Policy', state: 'RateLimit'} as const;

/** What never comes back by itself is asked for again tomorrow, when somebody may have raised it. */
const neverSeconds = 86_400;

/** Headers, as names and values in turn: what the limits are, and how much of them is left. */
export function limitHeaders(verdict: LimitsVerdict): string[] {
	const {charges, limits, quotas, at} = verdict;
	const states: string[] = [];
	for (const state of limits) {
		states.push(`"${state.of.shown}";r=${remaining(state)}${reset(resetSeconds(state))}`);
	}
	for (const state of quotas) {
		const left = remainingOfQuota(state);
		states.push(`"${state.of.shown}";r=${left}${reset(resetSecondsOfQuota(state, at))}`);
	}
	return [headers.policy, policyOf(charges), headers.state, states.join(', ')];
}

const policies = new WeakMap<Charges, string>();

/** What the limits are: the same for each use of every key that carries the same. */
function policyOf(charges: Charges): string {
	let policy = policies.get(charges);
	if (policy === undefined) {
		policy = [
			...charges.limits.map(({of}) => `"${of.shown}";q=${of.limit};w=${of.windowSeconds}`),
			...charges.quotas.map(({of}) => `"${of.shown}";q=${of.limit}`),
		].join(', ');
		policies.set(charges, policy);
	}
	return policy;
}

function reset(seconds: number | null): string {
	return seconds === null ? '' : `;t=${seconds}`;
}

/** In how many seconds a use that was refused may fit: never earlier than any limit or quota that refused it. */
export function secondsToRoom({limits, quotas, at}: LimitsVerdict): string {
	const waits = [
		...limits.filter(({isExceeded}) => isExceeded).map(resetSeconds),
		...quotas.filter(({isExceeded}) => isExceeded).map((state) => resetSecondsOfQuota(state, at)),
	].map((seconds) => seconds ?? neverSeconds);
	return String(Math.max(...waits, 1));
}

/** All limits of a key as a body tells them. @param verdict undefined: there are none */
export function presentKeyLimits(verdict: LimitsVerdict | undefined): KeyLimitsState {
	const {limits = [], quotas = [], source = null} = verdict ?? {};
	return {
		rate_limits: limits.map(presentLimit),
		quotas: quotas.map(presentQuota),
		limits_source: source,
	};
}

/** The same of those that a use was held against. */
export function presentHeldLimits(verdict: LimitsVerdict | undefined): HeldLimits {
	const {limits = [], quotas = [], source = null} = verdict ?? {};
	return {
		rate_limits: limits.map((state) => ({...presentLimit(state), exceeded: state.isExceeded})),
		quotas: quotas.map((state) => ({...presentQuota(state), exceeded: state.isExceeded})),
		limits_source: source,
	};
}

function presentLimit(state: LimitsVerdict['limits'][number]): ShownLimit {
	const {shown, limit, windowSeconds, burst} = state.of;
	return {
		name: shown,
		limit,
		window_seconds: windowSeconds,
		burst,
		remaining: remaining(state),
		reset_seconds: resetSeconds(state),
	};
}

function presentQuota(state: LimitsVerdict['quotas'][number]): ShownQuota {
	const {of, used, period} = state;
	return {
		name: of.shown,
		used,
		limit: of.limit,
		resets_at: resetsAt(period),
		period: of.period,
		remaining: remainingOfQuota(state),
	};
}

/** Names of those that refused a use. */
export function violated({limits, quotas}: LimitsVerdict): string[] {
	return [...limits, ...quotas].filter(({isExceeded}) => isExceeded).map(({of}) => of.shown);
}
