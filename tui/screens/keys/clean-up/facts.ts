import {inUse} from '../../../api-keys/in-use.ts';
import {stateOf} from '../../../api-keys/state.ts';
import {clean} from '../../../text/clean.ts';
import {ago, day} from '../../../text/time.ts';
import type {Tone} from '../../../theme.ts';
import type {CleanUpScreen, CleanUpVerb, MarkedKey} from './screen.ts';

/* What is said of marked keys before they are suspended or revoked: the numbers add up. */

/** What was made this lately may be for tonight, used or not. */
const young = 30 * day;

export function isYoung({created_at}: MarkedKey, now: number): boolean {
	return now - Date.parse(created_at) < young;
}

/** Why a key that is marked is left as it is. */
export function whySpared(key: MarkedKey, verb: CleanUpVerb, now: number): string | undefined {
	if (verb === 'revoke') return key.delete_protected ? 'protected' : undefined;
	return stateOf(key, now) === 'suspended' ? 'suspended already' : undefined;
}

/** The keys that it is done to. */
export function reached(
	{keys, dropped, verb}: Pick<CleanUpScreen, 'keys' | 'dropped' | 'verb'>,
	now: number,
): MarkedKey[] {
	return keys.filter((key) => !dropped.has(key.id) && whySpared(key, verb, now) === undefined);
}

/** The word that is typed so that it is done: it has their number, so that this was read. */
export function wordOf(screen: CleanUpScreen, now: number): string {
	return `${screen.verb} ${reached(screen, now).length}`;
}

type Fact = readonly [text: string, tone: Tone | 'dim'];

export function factsOf(screen: CleanUpScreen, now: number): Fact[] {
	const {keys, dropped, verb, ofLeavers} = screen;
	const some = reached(screen, now);
	const facts: Fact[] = [];
	if (some.length > 0) facts.push(...usesOf(some, now));
	const left = some.filter(({id}) => ofLeavers?.has(id)).length;
	if (left > 0) facts.push([`${were(left)} made by somebody who has left.`, 'plain']);
	const spared = keys.filter((key) => !dropped.has(key.id) && whySpared(key, verb, now)).length;
	if (spared > 0) {
		const why = verb === 'revoke' ? 'protected' : 'suspended already';
		const stay = spared === 1 ? 'it stays as it is' : 'they stay as they are';
		facts.push([
			`${count(spared)} more ${spared === 1 ? 'is' : 'are'} marked, but ${why}: ${stay}.`,
			'warning',
		]);
	}
	if (dropped.size > 0) facts.push([`${were(dropped.size)} dropped.`, 'dim']);
	return facts;
}

function usesOf(some: readonly MarkedKey[], now: number): Fact[] {
	const used = some.filter((key) => inUse(key, now));
	const never = some.filter(({last_used_at: at}) => at === null).length;
	const before = some.length - used.length - never;
	const made = some.filter((key) => isYoung(key, now)).length;
	const others = [
		...(before > 0 ? [`${count(before)} longer ago`] : []),
		...(never > 0 ? [`${count(never)} never`] : []),
	].join(', ');
	const [last] = used.toSorted(
		(a, b) => Date.parse(b.last_used_at ?? '') - Date.parse(a.last_used_at ?? ''),
	);
	const made30: Fact[] = made > 0 ? [[`${were(made)} made in the last 30 days.`, 'warning']] : [];
	if (last === undefined) {
		const isAll = never === some.length;
		const unused = isAll ? 'None was ever used' : 'None was used in the last 30 days';
		const than = isAll ? '30 days' : 'that';
		const old = made > 0 ? '' : `, and none is younger than ${than}`;
		return [[`${unused}${old}${isAll ? '' : `: ${others}`}.`, 'plain'], ...made30];
	}
	return [
		[
			[`${were(used.length)} used in the last 30 days`, others]
				.filter((text) => text !== '')
				.join(', ') + '.',
			'warning',
		],
		[`The last use was ${ago(last.last_used_at, now)}: ${clean(last.name)}.`, 'plain'],
		...made30,
	];
}

function were(some: number): string {
	return `${count(some)} ${some === 1 ? 'was' : 'were'}`;
}

function count(some: number): string {
	return some.toLocaleString('en');
}
