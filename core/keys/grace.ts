import type {ApiKeyRow} from '../db/tables.ts';

/** The time in which a key that was rotated is accepted beside its successor. */

type Grace = Pick<ApiKeyRow, 'grace_until' | 'rotation_ended_at'>;

/** Whether a key was rotated and its grace is over, be it that somebody ended it. */
export function isGraceOver({grace_until, rotation_ended_at}: Grace, now: number): boolean {
	return rotation_ended_at !== null || (grace_until !== null && grace_until.getTime() <= now);
}

/** The same of rows of `api_keys`, the other way round. */
export const graceIsNotOver =
	'rotation_ended_at is null and (grace_until is null or grace_until > now())';

/** Whether a key is dead for good: it was revoked, or its successor has taken over. */
export function isGone(row: Grace & Pick<ApiKeyRow, 'revoked_at'>, now: number): boolean {
	return row.revoked_at !== null || isGraceOver(row, now);
}
