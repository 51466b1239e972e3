import type {KeyLimitsState} from '../../contract/key-limits.ts';
import {windowIn} from '../../contract/limits-in-words.ts';
import {writeCount} from '../text/count.ts';
import {percent} from '../text/gauge.ts';
import {moment, until} from '../text/time.ts';
import type {Column} from './answer.ts';

type Limit = KeyLimitsState['rate_limits'][number];
type Quota = KeyLimitsState['quotas'][number];

/** What is left of each limit and quota, and who tells. */
export function limitFacts({
	rate_limits: limits,
	quotas,
	limits_source: source,
}: KeyLimitsState): Column<unknown>[] {
	if (source === null) return [['limits', () => 'none']];
	return [
		...limits.map((limit): Column<unknown> => [limit.name, (_, now) => limitText(limit, now)]),
		...quotas.map((quota): Column<unknown> => [quota.name, () => quotaText(quota)]),
		['told by', () => sources[source]],
	];
}

const sources = {
	redis: 'the counts of all servers',
	local: 'the server that was asked, from what it knows: Redis is away',
	none: 'the server that was asked: Redis is away, and the key policy lets every use in',
} as const;

/** `12 of 20 left, 100/min; all of it in 7s`. */
function limitText(of: Limit, now: number): string {
	const {remaining, burst, limit, window_seconds: window, reset_seconds: reset} = of;
	const {unit, count} = windowIn(window);
	const rate = `${writeCount(limit)}/${count === 1 ? '' : count}${unit}`;
	const left = `${writeCount(remaining)} of ${writeCount(burst)} left, ${rate}`;
	if (reset === null) return `${left}; a use takes more than may come at once`;
	if (reset === 0) return left;
	const at = new Date(now + reset * 1000).toISOString();
	return `${left}; ${remaining === 0 ? 'the next' : 'all of it'} ${until(at, now)}`;
}

/** `31,204 of 50,000 used (62%), until 2026-12-01 00:00`. */
function quotaText({used, limit, resets_at: at}: Quota): string {
	const share = limit === 0 ? '' : ` (${percent(used, limit)})`;
	const end = at === null ? '' : `, until ${moment(at)}`;
	return `${writeCount(used)} of ${writeCount(limit)} used${share}${end}`;
}
