import {writeQuota} from '../../../../contract/limits-in-words.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {limitsText, sharers, usedText} from '../../../limits/shared.ts';
import {ago, moment, until} from '../../../text/time.ts';
import type {SharedLimitsRow} from './list.ts';

export function sharedLimitsFacts(row: SharedLimitsRow, now: number, width: number): Part[][] {
	const {lines, add} = factsOf(width);
	const {quota, quota_resets_at: resets, created_at, updated_at} = row;
	add('Shared by', sharers(row), 'strong');
	add('Rate limits', limitsText(row));
	add('Quota', quota === null ? 'none' : writeQuota(quota));
	const used = usedText(row);
	if (used !== undefined) add('Used', `${used}, some seconds ago`);
	if (resets !== null) add('Resets', `${moment(resets)}, ${until(resets, now)}`);
	add('Set', `${moment(created_at)}, ${ago(created_at, now)}`);
	add('Changed', `${moment(updated_at)}, ${ago(updated_at, now)}`);
	return lines;
}
