import {
	limitNameFault,
	quotaPeriods,
	quotaRequest,
	rateLimits as rateLimitsRequest,
	type Quota,
	type QuotaPeriod,
	type RateLimit,
} from '../../contract/rate-limits.ts';
import {plural} from '../text/plural.ts';
import type {Reading, Typed} from '../text/typed.ts';

/* Limits and quotas as text: `writes 10/1s burst 5 cost 2 named`, `50000/month from 1 in Europe/Berlin`. */

const suchLimits = 'limits such as burst 100/60s, writes 10/1s burst 5 named';
const suchQuota = `a quota such as 50000/month, 100/day in Europe/Berlin, 10/week from 1`;

export const rateLimits: Typed<RateLimit[]> = {
	label: 'Rate limits',
	takes: `none; or ${suchLimits}`,
	read: readLimits,
};

export const quota: Typed<Quota> = {
	label: 'Quota',
	takes: `none; or ${suchQuota}`,
	read: readQuota,
};

const unitSeconds: Readonly<Record<string, number>> = {s: 1, m: 60, h: 3600, d: 86_400};
const limitForm = /^(\S+) (\d{1,16})\/(\d{0,8})([smhd])(( (burst|cost) \d{1,16}| named)*)$/;

function readLimits(text: string): Reading<RateLimit[]> {
	const given: (Partial<RateLimit> & {name: string})[] = [];
	for (const part of text.split(',').map((each) => each.trim().replace(/\s+/gu, ' '))) {
		const [, name = '', limit, count, unit = '', options = ''] = limitForm.exec(part) ?? [];
		if (limit === undefined) return {problem: `takes ${suchLimits}`};
		const fault = limitNameFault(name);
		if (fault !== undefined) return {problem: `${name} ${fault}`};
		given.push({
			name,
			limit: Number(limit),
			window_seconds: Number(count || 1) * (unitSeconds[unit] ?? 1),
			...wordsOf(options),
		});
	}
	const read = rateLimitsRequest('limits').safeParse(given);
	if (!read.success) return {problem: faultOf(read.error.issues, (index) => given[index]?.name)};
	const value = read.data ?? [];
	return {
		value,
		means: `${plural(value.length, ['limit', 'limits'])}: ${value.map(writeLimit).join(', ')}`,
	};
}

function wordsOf(options: string) {
	const number = (word: string) => {
		const [, value] = new RegExp(` ${word} (\\d+)`).exec(options) ?? [];
		return value === undefined ? {} : {[word]: Number(value)};
	};
	const isNamed = options.includes(' named');
	return {...number('burst'), ...number('cost'), ...(isNamed ? {auto: false} : {})};
}

/** As a person reads it: which limit, and what is wrong with it. */
function faultOf(
	issues: readonly {message: string; path: readonly PropertyKey[]}[],
	nameOf: (index: number) => string | undefined,
): string {
	const [issue] = issues;
	const index = Number(issue?.path[0]);
	const says = issue?.message.replace(/^limits\[\d+\]\.?/, '') ?? '';
	return `${nameOf(index) ?? ''} ${says.replace('window_seconds', 'window in seconds')}`.trim();
}

/** As `readLimits` reads it. */
export function writeLimit({name, limit, window_seconds, burst, cost, auto}: RateLimit): string {
	return [
		`${name} ${limit}/${windowText(window_seconds)}`,
		burst === limit ? '' : `burst ${burst}`,
		cost === 1 ? '' : `cost ${cost}`,
		auto ? '' : 'named',
	]
		.filter((part) => part !== '')
		.join(' ');
}

function windowText(seconds: number): string {
	for (const [unit, length] of [
		['d', 86_400],
		['h', 3600],
		['m', 60],
	] as const) {
		if (seconds % length === 0) return `${seconds / length}${unit}`;
	}
	return `${seconds}s`;
}

const quotaForm = /^(\d{1,16})\/([a-z]+)(( (from|cost) \d{1,16}| in \S+)*)$/;

function readQuota(text: string): Reading<Quota> {
	const written = text.trim().replace(/\s+/gu, ' ');
	const [, limit, period, options = ''] = quotaForm.exec(written) ?? [];
	if (limit === undefined) return {problem: `takes ${suchQuota}`};
	if (!isPeriod(period)) return {problem: `the period is one of ${quotaPeriods.join(', ')}`};
	const [, day] = / from (\d+)/.exec(options) ?? [];
	const [, cost] = / cost (\d+)/.exec(options) ?? [];
	const [, timezone] = / in (\S+)/.exec(options) ?? [];
	const read = quotaRequest('quota').safeParse({
		limit: Number(limit),
		period,
		...(day === undefined ? {} : {reset_day: Number(day)}),
		...(cost === undefined ? {} : {cost: Number(cost)}),
		...(timezone === undefined ? {} : {timezone}),
	});
	if (!read.success || read.data === null) {
		const says = read.error?.issues[0]?.message ?? '';
		return {problem: says.replace(/^quota\./, '').replace('reset_day', 'the day it begins')};
	}
	return {value: read.data, means: tellQuota(read.data)};
}

function isPeriod(text: string | undefined): text is QuotaPeriod {
	return quotaPeriods.some((period) => period === text);
}

/** As `readQuota` reads it. */
export function writeQuota({limit, period, reset_day, timezone, cost}: Quota): string {
	return [
		`${limit}/${period}`,
		reset_day === null || reset_day === 1 ? '' : `from ${reset_day}`,
		timezone === 'UTC' ? '' : `in ${timezone}`,
		cost === 1 ? '' : `cost ${cost}`,
	]
		.filter((part) => part !== '')
		.join(' ');
}

function tellQuota(of: Quota): string {
	const every = of.period === 'total' ? 'in all' : `in each ${of.period}`;
	return `${plural(of.limit, ['use', 'uses'])} ${every}: ${writeQuota(of)}`;
}
