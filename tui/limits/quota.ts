import {dayText, weekdays} from '../../contract/limits-in-words.ts';
import {
	quotaPeriods,
	quotaRequest,
	type Quota,
	type QuotaPeriod,
} from '../../contract/rate-limits.ts';
import {readCount, withCounts, writeCount} from '../text/count.ts';
import {ordinal, plural} from '../text/plural.ts';
import type {Reading, Typed} from '../text/typed.ts';
import {readWords, wordsOf} from './words.ts';

/* A quota as it is typed: `50,000/month from 15 in Europe/Berlin`, `10/week from Monday`. */

export const quotaExample = '50k/month, 100/day in Europe/Berlin, 10/week from Tuesday';

export const quota: Typed<Quota | null> = {
	label: 'Quota',
	takes: `none; or how often in which period, such as ${quotaExample}`,
	read: readQuota,
};

const takes = {from: 'value', in: 'value', cost: 'value'} as const;

function readQuota(text: string): Reading<Quota | null> {
	if (text.trim().toLowerCase() === 'none') return {value: null, means: 'no quota'};
	const [often = '', ...rest] = wordsOf(text);
	if (!/^[^/]+\/[^/]+$/u.test(often)) return {problem: `takes a quota, such as ${quotaExample}`};
	const [count = '', period = ''] = often.split('/');
	const limit = readCount(count);
	if (typeof limit !== 'number') return {problem: `${count} ${limit.problem}`};
	if (!isPeriod(period)) {
		return {problem: `${period} is not a period: it is one of ${quotaPeriods.join(', ')}`};
	}
	const words = readWords<keyof typeof takes>(rest, takes);
	if ('problem' in words) return {problem: words.problem};
	const cost = words.cost === undefined ? undefined : readCount(words.cost);
	if (typeof cost === 'object') return {problem: `${words.cost ?? ''} ${cost.problem}`};
	const day = words.from === undefined ? undefined : dayOf(words.from, period);
	if (typeof day === 'object') return day;
	const read = quotaRequest('quota').safeParse({
		limit,
		period,
		...(day === undefined ? {} : {reset_day: day}),
		...(cost === undefined ? {} : {cost}),
		...(words.in === undefined ? {} : {timezone: words.in}),
	});
	if (!read.success || read.data === null) {
		const {message = '', path = []} = read.error?.issues[0] ?? {};
		if (path[0] === 'timezone') {
			return {problem: `${words.in ?? ''} is not a time zone, such as Europe/Berlin or UTC`};
		}
		const says = message.replace(/^quota\./u, '').replace('reset_day', 'the day after from');
		return {problem: withCounts(says)};
	}
	return {value: read.data, means: tellQuota(read.data)};
}

function isPeriod(text: string): text is QuotaPeriod {
	return quotaPeriods.some((period) => period === text);
}

/** `15`; of a week, also the beginning of the name of a day, as long as it can be no other. */
function dayOf(text: string, period: QuotaPeriod): number | {problem: string} {
	if (period !== 'week' && period !== 'month') {
		return {problem: `only a week or a month begins on a day that can be chosen, not from ${text}`};
	}
	if (/^\d{1,2}$/u.test(text)) return Number(text);
	if (period === 'month') return {problem: `${text} is not a day of a month, such as 15`};
	const named = weekdays.filter(
		(day) => text.length >= 2 && day.toLowerCase().startsWith(text.toLowerCase()),
	);
	const [only] = named;
	if (only === undefined) return {problem: `${text} is not a day of the week, such as Tuesday`};
	return weekdays.indexOf(only) + 1;
}

/** In words: `50,000 uses in a month, from the 15th, 00:00 in Europe/Berlin`. */
function tellQuota({limit, period, reset_day, timezone, cost}: Quota): string {
	const every = {
		hour: 'in each hour',
		day: 'in each day',
		week: 'in each week',
		month: 'in each month',
		total: 'in all, for ever',
	}[period];
	const day = reset_day === null ? undefined : dayOfBeginning(period, reset_day);
	const begins = [day ?? '', period === 'hour' || period === 'total' ? '' : `00:00 ${timezone}`]
		.filter((part) => part !== '')
		.join(', ');
	return [
		`${plural(limit, ['use', 'uses'])} ${every}`,
		begins === '' ? '' : `begins ${begins}`,
		cost === 1 ? '' : `each use takes ${writeCount(cost)}`,
	]
		.filter((part) => part !== '')
		.join(', ');
}

function dayOfBeginning(period: QuotaPeriod, day: number): string {
	return period === 'week' ? `on ${dayText(period, day)}` : `on the ${ordinal(day)}`;
}
