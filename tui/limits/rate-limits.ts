import {windowIn} from '../../contract/limits-in-words.ts';
import {
	limitNameFault,
	mostRateLimits,
	quotaName,
	rateLimits as rateLimitsRequest,
	type RateLimit,
} from '../../contract/rate-limits.ts';
import {readCount, withCounts, writeCount} from '../text/count.ts';
import type {Reading, Typed} from '../text/typed.ts';
import {readWords, wordsOf} from './words.ts';

/* Rate limits as they are typed: `requests 100/min, writes 10/s burst 5 cost 2 named`. */

export const limitsExample = 'requests 100/min, writes 10/s burst 5 named';

export const rateLimits: Typed<RateLimit[]> = {
	label: 'Rate limits',
	takes: `none; or a name and how often, such as ${limitsExample}: named, only for uses that name it`,
	read: readLimits,
};

/** As a person may write them. */
const units = {
	s: 1,
	sec: 1,
	second: 1,
	seconds: 1,
	min: 60,
	m: 60,
	minute: 60,
	minutes: 60,
	h: 3600,
	hour: 3600,
	hours: 3600,
	d: 86_400,
	day: 86_400,
	days: 86_400,
} as const;

const takes = {burst: 'value', cost: 'value', named: 'alone'} as const;

/** As a request has it; the contract fills in the rest. */
type Given = {
	name: string;
	limit: number;
	window_seconds: number;
	burst?: number;
	cost?: number;
	auto?: false;
};

function readLimits(text: string): Reading<RateLimit[]> {
	if (text.trim().toLowerCase() === 'none') return {value: [], means: 'no limits'};
	const given: Given[] = [];
	// A comma within a number parts no limits.
	for (const part of text.split(/,(?!(?<=\d,)\d{3})/u)) {
		const limit = readLimit(part);
		if ('problem' in limit) return limit;
		if (given.some(({name}) => name === limit.name)) {
			return {problem: `${limit.name} is there twice: each limit has a name of its own`};
		}
		given.push(limit);
	}
	if (given.length > mostRateLimits) {
		return {problem: `these are ${given.length} limits, and ${mostRateLimits} are the most`};
	}
	const read = rateLimitsRequest('limits').safeParse(given);
	if (!read.success) return {problem: faultOf(read.error.issues, given)};
	const value = read.data ?? [];
	return {value, means: value.map(tellLimit).join('; ')};
}

function readLimit(text: string): Given | {problem: string} {
	const [name = '', often = '', ...rest] = wordsOf(text);
	if (name === '') return {problem: `takes a name and how often, such as ${limitsExample}`};
	if (/^\d[^/]*\//u.test(name)) {
		return {problem: `a limit begins with its name: requests ${name}`};
	}
	if (name === quotaName) {
		return {problem: `${name} is what the quota is called: give the limit another name`};
	}
	const fault = limitNameFault(name);
	if (fault !== undefined) return {problem: `${name} is not a name: it ${fault}`};
	if (!/^[^/]+\/[^/]+$/u.test(often)) {
		return {problem: `${name}: how often comes after the name, such as ${name} 100/min`};
	}
	const [count = '', span = ''] = often.split('/');
	const limit = readCount(count);
	if (typeof limit !== 'number') return {problem: `${name}: ${count} ${limit.problem}`};
	const window = windowOf(span);
	if (window === undefined) {
		return {problem: `${name}: ${span} is not a window: ${windowHelp(span)}`};
	}
	const words = readWords<keyof typeof takes>(rest, takes);
	if ('problem' in words) return {problem: `${name}: ${words.problem}`};
	const given: Given = {name, limit, window_seconds: window};
	if (words.named !== undefined) given.auto = false;
	for (const word of ['burst', 'cost'] as const) {
		const number = words[word];
		if (number === undefined) continue;
		const value = readCount(number);
		if (typeof value !== 'number') return {problem: `${name}: ${number} ${value.problem}`};
		given[word] = value;
	}
	return given;
}

function windowOf(text: string): number | undefined {
	const [, count = '', unit = ''] = /^(\d{0,8})([a-z]+)$/u.exec(text) ?? [];
	const seconds = Object.hasOwn(units, unit) ? units[unit as keyof typeof units] : undefined;
	return seconds === undefined ? undefined : Number(count === '' ? 1 : count) * seconds;
}

function windowHelp(span: string): string {
	return /^(week|month|total)/u.test(span)
		? 'a limit counts for 30d at most, and a quota by the calendar'
		: 'write s, min, h or d, or so many of them, such as 10s';
}

const members: Readonly<Record<string, string>> = {
	limit: 'the limit',
	burst: 'burst',
	cost: 'cost',
};

/** As a person reads it: which limit, and what is wrong with it. */
function faultOf(
	issues: readonly {message: string; path: readonly PropertyKey[]}[],
	given: readonly Given[],
): string {
	const [issue] = issues;
	const {message, path} = issue ?? {message: '', path: []};
	const name = given[Number(path[0])]?.name ?? '';
	const member = String(path[1]);
	if (member === 'window_seconds') return `${name}: the window must be from 1s to 30d`;
	const says = message.replace(/^limits\[\d+\]\.\w+ /u, '');
	return `${name}: ${members[member] ?? member} ${withCounts(says)}`;
}

const nouns = {
	s: ['a second', 'seconds'],
	min: ['a minute', 'minutes'],
	h: ['an hour', 'hours'],
	d: ['a day', 'days'],
} as const;

/** In words: `requests: 100 in a minute, 20 at once`. */
function tellLimit({name, limit, window_seconds, burst, cost, auto}: RateLimit): string {
	const {unit, count} = windowIn(window_seconds);
	const [one, many] = nouns[unit];
	const window = count === 1 ? one : `${count} ${many}`;
	return [
		`${name}: ${writeCount(limit)} in ${window}`,
		burst === limit ? '' : `${writeCount(burst)} at once`,
		cost === 1 ? '' : `each use takes ${writeCount(cost)}`,
		auto ? '' : 'for uses that name it',
	]
		.filter((part) => part !== '')
		.join(', ');
}
