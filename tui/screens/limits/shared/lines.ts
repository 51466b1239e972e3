import {writeLimit, writeQuota} from '../../../../contract/limits-in-words.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {writeCount} from '../../../text/count.ts';
import {percent} from '../../../text/gauge.ts';
import {ago, moment, until} from '../../../text/time.ts';
import type {SharedLimitsRow} from './list.ts';

/** Which keys share them, as a part of a sentence. */
export function keysOf(row: Pick<SharedLimitsRow, 'owner' | 'id'>): string {
	return row.owner === null ? 'all keys' : `the keys of ${sharers(row)}`;
}

/** Whose keys share them. */
export function sharers({owner, id}: Pick<SharedLimitsRow, 'owner' | 'id'>): string {
	return owner === null ? 'all keys' : clean(id);
}

export function limitsText({rate_limits: limits}: SharedLimitsRow): string {
	return limits.map(writeLimit).join(', ') || 'none';
}

/** `31,204 of 50,000 (62%)`. */
export function usedText({quota, quota_used: used}: SharedLimitsRow): string | undefined {
	if (quota === null || used === null) return undefined;
	return `${writeCount(used)} of ${writeCount(quota.limit)} (${percent(used, quota.limit)})`;
}

export function sharedLimitsFacts(row: SharedLimitsRow, now: number, width: number): Part[][] {
	const {lines, add} = factsOf(width);
	const {quota, quota_resets_at: resets, created_at, updated_at} = row;
	add('Shared by', sharers(row), 'strong');
	add('Rate limits', limitsText(row));
	add('Quota', quota === null ? 'none' : writeQuota(quota));
	const used = usedText(row);
	if (used !== undefined) add('Used', `${used}, some seconds ago`);
	if (resets !== null) add('Begins anew', `${moment(resets)}, ${until(resets, now)}`);
	add('Set', `${moment(created_at)}, ${ago(created_at, now)}`);
	add('Changed', `${moment(updated_at)}, ${ago(updated_at, now)}`);
	return lines;
}
