/*
 * What a key policy can ask for, a row each. The screen of a policy, its form, `latchkey policy show` and
 * `latchkey policy set` are made from these rows. A rule of the contract without a row here does not
 * compile.
 */
import {
	choicesWhenAway,
	type KeyPolicy,
	type KeyPolicyRule,
	type WhenRedisIsAway,
} from '../../contract/key-policies.ts';
import {writeLimit, writeQuota} from '../../contract/limits-in-words.ts';
import {coversScope} from '../../contract/scopes.ts';
import {scopes} from '../api-keys/scopes.ts';
import {quota} from '../limits/quota.ts';
import {rateLimits} from '../limits/rate-limits.ts';
import {plural} from '../text/plural.ts';
import {day, duration} from '../text/time.ts';
import type {Reading, Typed} from '../text/typed.ts';
import type {PolicyPart} from './parts.ts';

export type Rule<Value = unknown> = Typed<Value> & {
	/** Where the form of a policy has it. */
	readonly part: PolicyPart;
	/** What stands for its value in help: `DAYS`. */
	readonly stands: string;
	/** What it takes, where that is one of a few words; the first one asks for nothing. */
	readonly options?: readonly string[];
	/** As text that is read as the same again. */
	write(value: Value): string;
	/** The same in words. */
	show(value: Value): string;
	/** Whether keys that one value allows are refused by the other. */
	tightens(before: Value, after: Value): boolean;
};

export const rules: {readonly [Name in KeyPolicyRule]: Rule<KeyPolicy[Name]>} = {
	max_lifetime_days: days({
		label: 'Longest lifetime',
		part: 'lifetime',
		takes: 'days within which a key must end, such as 90d; or none',
		says: (count) => `a key must end within ${count} of when it is made`,
		none: 'a key need not end',
		tightens: isLess,
	}),
	require_expiry: flag({
		label: 'Expiry required',
		part: 'lifetime',
		takes: 'whether every key must have an end',
		yes: 'every key must have an end',
		no: 'a key may be without an end',
	}),
	default_lifetime_days: days({
		label: 'Default lifetime',
		part: 'lifetime',
		takes: 'days after which a key made without an end expires, such as 30d; or none',
		says: (count) => `a key made without an end expires after ${count}`,
		none: 'a key made without an end never expires',
		tightens: () => false,
	}),
	rotate_every_days: days({
		label: 'Rotate every',
		part: 'lifetime',
		takes: 'days after which a key should be replaced, such as 90d; or none',
		says: (count) => `a key should be replaced ${count} after it was made`,
		none: 'a key need not be replaced',
		tightens: isLess,
	}),
	idle_suspend_days: days({
		label: 'Suspend unused',
		part: 'lifetime',
		takes: 'days after which a key that nobody uses is suspended, from 8d on, such as 90d; or none',
		says: (count) => `a key that was not used for ${count} is suspended, 7 days after it was told`,
		none: 'a key may stay unused',
		tightens: isLess,
	}),
	applies_to_existing: {
		label: 'Existing keys',
		part: 'lifetime',
		stands: 'HOW',
		options: ['report', 'enforce'],
		takes: 'report: existing keys stay as they are; enforce: none outlives the longest lifetime',
		read(text) {
			const word = text.toLowerCase();
			if (word === 'report') return {value: word, means: 'existing keys stay as they are'};
			if (word !== 'enforce') return {problem: 'takes report or enforce'};
			return {
				value: word,
				means: 'no key is accepted beyond the longest lifetime, whatever it carries',
			};
		},
		write: (value) => value,
		show: (value) => value,
		tightens: (before, after) => before !== after && after === 'enforce',
	},
	require_scopes: flag({
		label: 'Scopes required',
		part: 'rights',
		takes: 'whether every key must be restricted, by scopes or roles',
		yes: 'every key must be restricted, by scopes or roles',
		no: 'a key may be without scopes and roles, for everything',
	}),
	scope_catalogue: {
		label: 'Scope catalogue',
		part: 'rights',
		stands: 'SCOPES',
		takes: 'the only scopes that keys may be given, such as orders.*,invoices.read; or any',
		read(text) {
			if (text.toLowerCase() === 'any') return {value: null, means: 'keys may be given any scope'};
			return withMeaning(scopes.read(text, 0), (value) =>
				value.length === 0
					? 'keys may be given no scope at all'
					: `keys may be given only what ${plural(value.length, ['scope covers', 'scopes cover'])}`,
			);
		},
		write: (value) => (value === null ? 'any' : written(value)),
		show: (value) => (value === null ? 'any' : shown(value)),
		tightens: (before, after) => after !== null && (before === null || !areCovered(before, after)),
	},
	privileged_scopes: {
		label: 'Privileged scopes',
		part: 'rights',
		stands: 'SCOPES',
		takes: 'scopes that only owners and admins give to keys, such as invoices.*; or none',
		read: (text) =>
			withMeaning(scopes.read(text, 0), (value) =>
				value.length === 0
					? 'anyone who may make keys may give them any scope'
					: `only owners and admins give ${value.length === 1 ? 'it' : 'them'}, or make a key for everything`,
			),
		write: written,
		show: shown,
		tightens: (before, after) => !areCovered(after, before),
	},
	require_ip_allow: flag({
		label: 'Networks required',
		part: 'addresses',
		takes: 'whether every key must be bound to networks, by ip_allow',
		yes: 'every key must be bound to networks, by ip_allow',
		no: 'a key may be used from everywhere',
	}),
	default_rate_limits: {
		label: 'Default rate limits',
		part: 'limits',
		stands: 'LIMITS',
		takes: 'limits for a key made without any, such as requests 100/min; or none',
		read: (text) =>
			text.toLowerCase() === 'none'
				? {value: [], means: 'a key made without limits has none'}
				: rateLimits.read(text, 0),
		write: (value) => value.map(writeLimit).join(', ') || 'none',
		show: (value) => value.map(writeLimit).join(', ') || 'none',
		tightens: () => false,
	},
	default_quota: {
		label: 'Default quota',
		part: 'limits',
		stands: 'QUOTA',
		takes: 'quota for a key made without one, such as 50k/month; or none',
		read: (text) =>
			text.toLowerCase() === 'none'
				? {value: null, means: 'a key made without a quota has none'}
				: quota.read(text, 0),
		write: (value) => (value === null ? 'none' : writeQuota(value)),
		show: (value) => (value === null ? 'none' : writeQuota(value)),
		tightens: () => false,
	},
	when_redis_is_away: {
		label: 'Redis away',
		part: 'limits',
		stands: 'HOW',
		options: ['none', ...choicesWhenAway],
		takes:
			'what becomes of limits while Redis is away: local, each server keeps its share; refuse; allow; or none, for local',
		read(text) {
			const word = text.toLowerCase();
			if (word === 'none') return {value: null, means: whenAway.local};
			const choice = choicesWhenAway.find((each) => each === word);
			if (choice === undefined) return {problem: 'takes local, refuse, allow or none'};
			return {value: choice, means: whenAway[choice]};
		},
		write: (value) => value ?? 'none',
		show: (value) => value ?? 'none',
		tightens: (before, after) => isStricter(after, before),
	},
	default_grace_seconds: seconds({
		label: 'Default grace',
		takes: 'how long a rotated key goes on by default, such as 1h; or none, for 24h',
		says: (span) => `a rotated key goes on for ${span} by default`,
		none: 'a rotated key goes on for 24h by default',
		tightens: () => false,
	}),
	max_grace_seconds: seconds({
		label: 'Longest grace',
		takes: 'how long a rotated key may go on at most, such as 7d; or none, for 30d',
		says: (span) => `a rotated key may go on for ${span} at most`,
		none: 'a rotated key may go on for 30d at most',
		tightens: isLess,
	}),
	require_if_match: flag({
		label: 'If-Match required',
		part: 'changes',
		takes: 'whether a change of a key must say in If-Match which version it is meant for',
		yes: 'a change of a key without If-Match is refused',
		no: 'a change of a key need not say which version it is meant for',
	}),
};

type Worded = Pick<Rule, 'label' | 'takes'>;
type Counted = Worded & {
	says: (count: string) => string;
	none: string;
	tightens: (before: number | null, after: number | null) => boolean;
};

function days({says, none, tightens, ...row}: Counted & Pick<Rule, 'part'>): Rule<number | null> {
	return {
		...row,
		stands: 'DAYS',
		read: counted('days such as 90 or 90d, or none', day, {
			none,
			says: (count) => says(inDays(count)),
		}),
		write: (value) => (value === null ? 'none' : `${value}d`),
		show: (value) => (value === null ? 'none' : inDays(value)),
		tightens,
	};
}

function seconds({says, none, tightens, ...row}: Counted): Rule<number | null> {
	const show = (value: number | null) => (value === null ? 'none' : spanOf(value));
	return {
		...row,
		part: 'rotation',
		stands: 'SPAN',
		read: counted('a time such as 1h, 7d, or seconds, or none', 1000, {
			none,
			says: (count) => says(spanOf(count)),
		}),
		// Without a unit it is seconds, however many.
		write: (value) => show(value).replace(/s$/, ''),
		show,
		tightens,
	};
}

/** A number, or a span that is a whole number of `unit` ms. */
function counted(
	takes: string,
	unit: number,
	{none, says}: {none: string; says: (count: number) => string},
): Rule<number | null>['read'] {
	return (text) => {
		if (text.toLowerCase() === 'none') return {value: null, means: none};
		const span = /^\d{1,9}$/.test(text) ? Number(text) * unit : duration(text);
		if (span === undefined || span % unit !== 0) return {problem: `takes ${takes}`};
		const value = span / unit;
		return {value, means: says(value)};
	};
}

function flag({
	yes,
	no,
	...row
}: Worded & Pick<Rule, 'part'> & {yes: string; no: string}): Rule<boolean> {
	const write = (value: boolean) => (value ? 'yes' : 'no');
	return {
		...row,
		stands: 'YES|NO',
		options: ['no', 'yes'],
		read(text) {
			const word = text.toLowerCase();
			if (word === 'yes' || word === 'true') return {value: true, means: yes};
			return word === 'no' || word === 'false'
				? {value: false, means: no}
				: {problem: 'takes yes or no'};
		},
		write,
		show: write,
		tightens: (before, after) => after && !before,
	};
}

function withMeaning(
	reading: Reading<string[]>,
	means: (value: string[]) => string,
): Reading<string[]> {
	return 'value' in reading ? {value: reading.value, means: means(reading.value)} : reading;
}

function written(scopesOf: readonly string[]): string {
	return scopesOf.length === 0 ? 'none' : scopesOf.join(',');
}

function shown(scopesOf: readonly string[]): string {
	return scopesOf.length === 0 ? 'none' : scopesOf.join(', ');
}

function areCovered(some: readonly string[], by: readonly string[]): boolean {
	return some.every((scope) => by.some((each) => coversScope(each, scope)));
}

function isLess(before: number | null, after: number | null): boolean {
	return after !== null && (before === null || after < before);
}

const whenAway: Record<WhenRedisIsAway, string> = {
	refuse: 'keys that have limits are refused while Redis is away',
	local: 'each server keeps its share of the limits while Redis is away',
	allow: 'nothing is limited while Redis is away',
};

function isStricter(one: WhenRedisIsAway | null, other: WhenRedisIsAway | null): boolean {
	const place = (choice: WhenRedisIsAway | null) =>
		choice === null ? choicesWhenAway.length : choicesWhenAway.indexOf(choice);
	return place(one) < place(other);
}

function inDays(count: number): string {
	return plural(count, ['day', 'days']);
}

/** Seconds in the largest unit of which they are a whole number: `1d`, `90m`. */
function spanOf(count: number): string {
	const [size, unit] = units.find(([each]) => count % each === 0 && count > 0) ?? [1, 's'];
	return `${count / size}${unit}`;
}

const units = [
	[86_400, 'd'],
	[3600, 'h'],
	[60, 'm'],
] as const;
