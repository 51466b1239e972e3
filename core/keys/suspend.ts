import type {Clock} from '../clock/clock.ts';
import {versionsOfState} from '../verification/terms-version.ts';
import type {Judging} from './alter.ts';
import {isGone} from './grace.ts';
import {asAccepted, presentForEvent} from './present.ts';

/* Suspending a key, which can be taken back, and resuming it. */

/** @param reason for whoever comes across the key later */
export function suspending(reason: string | null, clock: Pick<Clock, 'now'>): Judging {
	return {
		termsVersion: versionsOfState.suspended,
		clock,
		judge(row) {
			if (isGone(row, clock.now())) return {kind: 'refused', code: 'key_revoked'};
			if (row.suspended_at !== null) return {kind: 'unchanged'};
			return {
				kind: 'change',
				columns: {suspended_at: new Date(clock.now()), suspended_reason: reason},
				tell: (after, at) => ({
					action: 'key.suspended',
					details: {hint: after.hint, reason},
					event: {key: presentForEvent(after, at), reason},
				}),
			};
		},
	};
}

export function resuming(clock: Pick<Clock, 'now'>): Judging {
	return {
		termsVersion: 1,
		clock,
		judge(row) {
			if (isGone(row, clock.now())) return {kind: 'refused', code: 'key_revoked'};
			const {expires_at: end} = asAccepted(row);
			if (end !== null && end.getTime() <= clock.now()) {
				return {kind: 'refused', code: 'key_expired'};
			}
			if (row.suspended_at === null) return {kind: 'unchanged'};
			const reason = row.suspended_reason;
			return {
				kind: 'change',
				columns: {suspended_at: null, suspended_reason: null},
				tell: (after, at) => ({
					action: 'key.resumed',
					details: {hint: after.hint, reason},
					event: {key: presentForEvent(after, at), reason},
				}),
			};
		},
	};
}
