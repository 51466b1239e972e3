import type {HeldLimit, HeldQuota} from '../../contract/limits-asked.ts';
import {toTimestamp} from '../../contract/text.ts';
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

const headers = {
	policy: 'RateLimit-Policy',
	state: 'RateLimit',
	secondsToRoom: 'Retry-After',
} as const;

/** What never comes back by itself is asked for again tomorrow, when somebody may have raised it. */
const neverSeconds = 86_400;

/** Headers, as names and values in turn: what the limits are, and how much of them is left. */
export function limitHeaders(verdict: LimitsVerdict): string[] {
	const {limits, quotas, at} = verdict;
	const policies: string[] = [];
	const states: string[] = [];
	for (const state of limits) {
		const {shown, limit, windowSeconds} = state.of;
		policies.push(`"${shown}";q=${limit};w=${windowSeconds}`);
		states.push(`"${shown}";r=${remaining(state)}${reset(resetSeconds(state))}`);
	}
	for (const state of quotas) {
		const {shown, limit} = state.of;
		policies.push(`"${shown}";q=${limit}`);
		states.push(`"${shown}";r=${remainingOfQuota(state)}${reset(resetSecondsOfQuota(state, at))}`);
	}
	return [headers.policy, policies.join(', '), headers.state, states.join(', ')];
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

/** The same as a body tells them. */
export function presentLimits({limits, quotas, source}: LimitsVerdict) {
	return {
		rate_limits: limits.map((state): HeldLimit => {
			const {shown, limit, windowSeconds, burst} = state.of;
			return {
				name: shown,
				limit,
				window_seconds: windowSeconds,
				burst,
				remaining: remaining(state),
				reset_seconds: resetSeconds(state),
				exceeded: state.isExceeded,
			};
		}),
		quotas: quotas.map((state): HeldQuota => {
			const {of, used, period, isExceeded} = state;
			return {
				name: of.shown,
				limit: of.limit,
				period: of.period,
				used,
				remaining: remainingOfQuota(state),
				resets_at: period.end === undefined ? null : toTimestamp(new Date(period.end)),
				exceeded: isExceeded,
			};
		}),
		limits_source: source,
	};
}

/** Names of those that refused a use. */
export function violated({limits, quotas}: LimitsVerdict): string[] {
	return [...limits, ...quotas].filter(({isExceeded}) => isExceeded).map(({of}) => of.shown);
}
