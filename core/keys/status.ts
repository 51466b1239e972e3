import {statusOf, type KeyStatus} from '../../contract/key-status.ts';
import type {KeyState} from './policy.ts';

/** Instead of the end of a grace that was ended before its time: what was ended is over by every clock. */
export const endedEarly = new Date(0);

export function isEndedEarly(graceUntil: Date): boolean {
	return graceUntil.getTime() === endedEarly.getTime();
}

/** What a key is by what decides about it. @param now in ms since the epoch */
export function statusOfFacts(
	{revokedAt, isSuspended, notBefore, expiresAt, graceUntil}: KeyState,
	now: number,
): KeyStatus {
	return statusOf(
		{
			revoked_at: iso(revokedAt),
			suspended_at: isSuspended ? '' : null,
			not_before: iso(notBefore),
			expires_at: iso(expiresAt),
			grace_until: iso(graceUntil),
		},
		now,
	);
}

function iso(instant: Date | null): string | null {
	return instant && instant.toISOString();
}
