import type {Quota, QuotaPeriod, RateLimit} from './rate-limits.ts';

/* Limits and quotas as people write and read them; what is as usual is left out. */

/** Such as `writes 10/s burst 5 cost 2 named`. */
export function writeLimit({name, limit, window_seconds, burst, cost, auto}: RateLimit): string {
	return [
		`${name} ${rateText({limit, window_seconds})}`,
		burst === limit ? '' : `burst ${written(burst)}`,
		cost === 1 ? '' : `cost ${written(cost)}`,
		auto ? '' : 'named',
	]
		.filter((part) => part !== '')
		.join(' ');
}

/** Such as `10/s`. */
export function rateText({
	limit,
	window_seconds: seconds,
}: Pick<RateLimit, 'limit' | 'window_seconds'>): string {
	return `${written(limit)}/${windowText(seconds)}`;
}

/** Such as `50,000/month from 15 in Europe/Berlin`. */
export function writeQuota({limit, period, reset_day, timezone, cost}: Quota): string {
	return [
		`${written(limit)}/${period}`,
		reset_day === null || reset_day === 1 ? '' : `from ${dayText(period, reset_day)}`,
		timezone === 'UTC' ? '' : `in ${timezone}`,
		cost === 1 ? '' : `cost ${written(cost)}`,
	]
		.filter((part) => part !== '')
		.join(' ');
}

const units = [
	['d', 86_400],
	['h', 3600],
	['min', 60],
	['s', 1],
] as const;

/** The largest unit of which a window is a whole number, and how many of it. */
export function windowIn(seconds: number): {unit: (typeof units)[number][0]; count: number} {
	const [unit, length] = units.find(([, each]) => seconds % each === 0) ?? ['s', 1];
	return {unit, count: seconds / length};
}

/** `min`, `10s`, `2h`. */
function windowText(seconds: number): string {
	const {unit, count} = windowIn(seconds);
	return count === 1 ? unit : `${count}${unit}`;
}

/** As weeks have them: Monday is day 1. */
export const weekdays = [
	'Monday',
	'Tuesday',
	'Wednesday',
	'Thursday',
	'Friday',
	'Saturday',
	'Sunday',
] as const;

/** The day on which a period begins: by its name, or its number in the month. */
export function dayText(period: QuotaPeriod, day: number): string {
	return period === 'week' ? (weekdays[day - 1] ?? '') : String(day);
}

/** With its thousands apart. */
function written(count: number): string {
	return count.toLocaleString('en');
}
