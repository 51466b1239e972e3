import {writeLimit} from '../../contract/limits-in-words.ts';
import type {ListedSharedLimits, SharedLimits} from '../../contract/shared-limits.ts';
import {clean} from '../text/clean.ts';
import {writeCount} from '../text/count.ts';
import {percent} from '../text/gauge.ts';

/* Limits that keys use up together, as they are told of. */

type Sharing = Pick<ListedSharedLimits, 'owner'>;

/** `team/payments`; empty for the organisation. */
export function ownerText({owner}: Sharing): string {
	return owner === null ? '' : `${owner.type}/${owner.id}`;
}

/** Which keys share them, as a part of a sentence. */
export function keysOf(of: Sharing): string {
	return of.owner === null ? 'all keys' : `the keys of ${sharers(of)}`;
}

/** Whose keys share them. */
export function sharers(of: Sharing): string {
	return of.owner === null ? 'all keys' : clean(ownerText(of));
}

export function limitsText({rate_limits: limits}: SharedLimits): string {
	return limits.map(writeLimit).join(', ') || 'none';
}

/** `31,204 of 50,000 (62%)`. */
export function usedText({quota, quota_used: used}: SharedLimits): string | undefined {
	if (quota === null || used === null) return undefined;
	return `${writeCount(used)} of ${writeCount(quota.limit)} (${percent(used, quota.limit)})`;
}
