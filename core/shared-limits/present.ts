import type {ListedSharedLimits, SharedLimits} from '../../contract/shared-limits.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {SharedLimitsRow} from '../db/key-tables.ts';
import {definitionsOf, ownerOf} from './place.ts';
import type {Used} from './used.ts';

/** @param used undefined: there is no quota */
export function presentSharedLimits(row: SharedLimitsRow, used: Used | undefined): SharedLimits {
	return {
		...definitionsOf(row),
		quota_used: used?.count ?? null,
		quota_resets_at: used?.resetsAt === undefined ? null : toTimestamp(new Date(used.resetsAt)),
	};
}

export function presentListedSharedLimits(
	row: SharedLimitsRow,
	used: Used | undefined,
): ListedSharedLimits {
	return {
		owner: ownerOf(row),
		...presentSharedLimits(row, used),
		created_at: toTimestamp(row.created_at),
		updated_at: toTimestamp(row.updated_at),
	};
}
