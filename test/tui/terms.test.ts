import test from 'ava';
import {type Term, terms, termFacts, termLabels} from '../../tui/api-keys/terms.ts';
import {typedFlag} from '../../tui/commands/flags.ts';
import {Failure} from '../../tui/failure.ts';
import {readFields} from '../../tui/text/typed.ts';
import {detail, keyFields, loggedIn, organisation, start, unused} from './driven.ts';

type TermName = keyof typeof terms;

const aboutNetworks: (typeof typed)[TermName] = [
	['10.20.0.0/16', {value: ['10.20.0.0/16'], means: '1 network: 10.20.0.0/16'}],
	[
		'10.20.3.4,  2001:DB8::/32',
		{value: ['10.20.3.4/32', '2001:db8::/32'], means: '2 networks: 10.20.3.4/32, 2001:db8::/32'},
	],
	['10.20.3.4/16', '10.20.3.4/16 has host bits set: write 10.20.0.0/16'],
	['10.20', '10.20 must be a network such as 10.0.0.0/8 or 2001:db8::/32'],
	[',', 'takes networks such as 10.0.0.0/8, 2001:db8::/32'],
];

/** What a person may type of each term: the value that is sent and what is said of it, or why not. */
const typed: Record<
	TermName,
	readonly (readonly [string, {value: unknown; means: string} | string])[]
> = {
	expires_at: [
		['90d', {value: '2026-06-10T12:00:00Z', means: '2026-06-10 12:00:00 UTC, in 90d'}],
		['12h', {value: '2026-03-13T00:00:00Z', means: '2026-03-13 00:00:00 UTC, in 12h'}],
		['2027-01-31', {value: '2027-01-31T23:59:59Z', means: '2027-01-31 23:59:59 UTC, 2027-01-31'}],
		[
			'2026-03-12T13:00:00+00:30',
			{value: '2026-03-12T12:30:00Z', means: '2026-03-12 12:30:00 UTC, in 30m'},
		],
		['90 days', 'takes 90d, 12h, 2027-01-31, or nothing for never'],
		['2027-02-29', 'takes 90d, 12h, 2027-01-31, or nothing for never'],
		['2026-03-12T12:00:00Z', 'that is in the past'],
		['0d', 'that is in the past'],
		['9999-12-31T23:59:59-01:00', 'that is too far in the future: leave it empty for never'],
	],
	not_before: [
		['12h', {value: '2026-03-13T00:00:00Z', means: '2026-03-13 00:00:00 UTC, in 12h'}],
		['2027-01-31', {value: '2027-01-31T00:00:00Z', means: '2027-01-31 00:00:00 UTC, 2027-01-31'}],
		[
			'2026-03-12T11:00:00Z',
			{value: '2026-03-12T11:00:00Z', means: '2026-03-12 11:00:00 UTC, 1h ago'},
		],
		['2027-02-29', 'takes 12h, 2027-01-31, or nothing for at once'],
		['soon', 'takes 12h, 2027-01-31, or nothing for at once'],
	],
	rate_limits: [
		[
			'requests 100/min,  writes 10 per second burst 5 cost 2 named',
			{
				value: [
					{name: 'requests', limit: 100, window_seconds: 60, burst: 100, cost: 1, auto: true},
					{name: 'writes', limit: 10, window_seconds: 1, burst: 5, cost: 2, auto: false},
				],
				means:
					'requests: 100 in a minute; writes: 10 in a second, 5 at once, each use takes 2, for uses that name it',
			},
		],
		[
			'a 1,000/2h,b 1.5M / 30d burst 50k',
			{
				value: [
					{name: 'a', limit: 1000, window_seconds: 7200, burst: 1000, cost: 1, auto: true},
					{
						name: 'b',
						limit: 1_500_000,
						window_seconds: 2_592_000,
						burst: 50_000,
						cost: 1,
						auto: true,
					},
				],
				means: 'a: 1,000 in 2 hours; b: 1,500,000 in 30 days, 50,000 at once',
			},
		],
		['None', {value: [], means: 'no limits'}],
		[',', 'takes a name and how often, such as requests 100/min, writes 10/s burst 5 named'],
		['requests', 'requests: how often comes after the name, such as requests 100/min'],
		['100/60s burst 5', 'a limit begins with its name: requests 100/60s'],
		[
			'Requests 1/s',
			'Requests is not a name: it must be up to 32 lower-case letters, digits, _ and -, and begin with a letter',
		],
		['quota 1/s', 'quota is what the quota is called: give the limit another name'],
		['a 1/s, a 2/s', 'a is there twice: each limit has a name of its own'],
		['a many/s', 'a: many is not a whole number, such as 1000, 1,000, 50k or 1M'],
		['a 0.5/s', 'a: 0.5 is not a whole number, such as 1000, 1,000, 50k or 1M'],
		['a 5m/d', 'a: 5m could mean many things: write 5M for millions'],
		['a 1/10', 'a: 10 is not a window: write s, min, h or d, or so many of them, such as 10s'],
		[
			'a 1/month',
			'a: month is not a window: a limit counts for 30d at most, and a quota by the calendar',
		],
		['a 1/31d', 'a: the window must be from 1s to 30d'],
		['a 0/s', 'a: the limit must be a whole number from 1 to 1,000,000,000'],
		['a 2M/s', 'a: the limit must be at most 1,000,000 for each second of the window'],
		['a 10/s burst 11', 'a: burst must be at most the limit'],
		['a 10/s brust 5', 'a: brust is not known there: burst, cost and named are'],
		['a 10/s burst', 'a: nothing comes after burst'],
		['a 10/s burst 1 burst 2', 'a: burst is there twice'],
		['a 10/s cost lots', 'a: lots is not a whole number, such as 1000, 1,000, 50k or 1M'],
		[
			'abcdefghijk'
				.split('')
				.map((name) => `${name} 1/s`)
				.join(),
			'these are 11 limits, and 10 are the most',
		],
	],
	quota: [
		[
			'50k/month from 15 in europe/berlin',
			{
				value: {
					limit: 50_000,
					period: 'month',
					reset_day: 15,
					timezone: 'Europe/Berlin',
					cost: 1,
				},
				means: '50,000 uses in each month, begins on the 15th, 00:00 Europe/Berlin',
			},
		],
		[
			'10/week from tue cost 2',
			{
				value: {limit: 10, period: 'week', reset_day: 2, timezone: 'UTC', cost: 2},
				means: '10 uses in each week, begins on Tuesday, 00:00 UTC, each use takes 2',
			},
		],
		[
			'1/total',
			{
				value: {limit: 1, period: 'total', reset_day: null, timezone: 'UTC', cost: 1},
				means: '1 use in all, for ever',
			},
		],
		['none', {value: null, means: 'no quota'}],
		['50000', 'takes a quota, such as 50k/month, 100/day in Europe/Berlin, 10/week from Tuesday'],
		['many/day', 'many is not a whole number, such as 1000, 1,000, 50k or 1M'],
		['2T/total', '2T is not a whole number, such as 1000, 1,000, 50k or 1M'],
		['1000001M/total', 'limit must be a whole number from 0 to 1,000,000,000,000'],
		['5/year', 'year is not a period: it is one of hour, day, week, month, total'],
		['5/day from 2', 'only a week or a month begins on a day that can be chosen, not from 2'],
		['5/month from 29', 'the day after from must be a whole number from 1 to 28 for a month'],
		['5/month from monday', 'monday is not a day of a month, such as 15'],
		['5/week from t', 't is not a day of the week, such as Tuesday'],
		['5/week from 8', 'the day after from must be a whole number from 1 to 7 for a week'],
		['5/day in Europe/Bonn', 'Europe/Bonn is not a time zone, such as Europe/Berlin or UTC'],
		['5/day until 9', 'until is not known there: from, in and cost are'],
		['5/day cost lots', 'lots is not a whole number, such as 1000, 1,000, 50k or 1M'],
	],
	scopes: [
		['orders.read', {value: ['orders.read'], means: '1 scope: orders.read'}],
		[
			'orders.read,  invoices.* orders.read',
			{value: ['orders.read', 'invoices.*'], means: '2 scopes: orders.read, invoices.*'},
		],
		['none', {value: [], means: 'no scope: it only proves who it is'}],
		['orders.*.x', 'orders.*.x must be a scope such as orders.read or orders.*'],
		['ord*', 'ord* must be a scope such as orders.read or orders.*'],
		[
			'latchkey:all',
			'latchkey:all begins with latchkey:, which is for the rights of the API: write latchkey:sources:read, another right, or latchkey:*',
		],
		[',', 'takes scopes such as orders.read, invoices.*'],
	],
	roles: [
		['billing', {value: ['billing'], means: '1 role: billing'}],
		[
			'billing,  support-2 billing',
			{value: ['billing', 'support-2'], means: '2 roles: billing, support-2'},
		],
		[
			'Billing',
			'Billing must be the name of a role: lower-case letters, digits, _ and -, a letter first, 64 at most',
		],
		[',', 'takes names of key roles such as billing, support'],
	],
	ip_allow: aboutNetworks,
	ip_deny: aboutNetworks,
	description: [
		['Invoices, in the night', {value: 'Invoices, in the night', means: '22 characters'}],
		['\u200B', 'must be text, or null'],
		['a'.repeat(1001), 'must be at most 1000 characters'],
	],
	owner: [
		['team/payments', {value: {type: 'team', id: 'payments'}, means: 'the team payments'}],
		['team/a/b', {value: {type: 'team', id: 'a/b'}, means: 'the team a/b'}],
		['payments', 'takes a type and an id such as team/payments'],
		['Team/payments', 'type must be lower-case letters, digits and _'],
		['team/', 'id is required'],
	],
	tags: [
		[
			'env:prod,  region=eu env:prod',
			{
				value: ['env:prod', 'region=eu'],
				means: '2 tags: env:prod, region=eu',
			},
		],
		['env:prod, ü', 'ü must be letters, digits and . _ : / = -'],
		[',', 'takes tags such as env:prod, region=eu'],
	],
	delete_protected: [
		['YES', {value: true, means: 'cannot be revoked until this is lifted'}],
		['no', {value: false, means: 'can be revoked; yes: not until that is lifted'}],
		['perhaps', 'takes yes or no'],
	],
	metadata: [
		['{"plan":"gold","n":[1]}', {value: {plan: 'gold', n: [1]}, means: 'plan, n'}],
		['{"plan"', 'takes a JSON object such as {"plan":"gold"}'],
		['[1]', 'must be a JSON object'],
		['{"a":{"a":{"a":{"a":{"a":{}}}}}}', 'must be at most 5 deep'],
	],
};

const names = Object.keys(terms) as TermName[];

for (const name of names) {
	const term: Term = terms[name];
	const {takes, option} = term;

	test(`${name}: what is typed is read alike in the form and as an option`, (t) => {
		for (const [text, expected] of typed[name]) {
			const {members, problems, notes} = readFields(terms, {[name]: ` ${text} `}, start);
			const context = {flags: {[option.name]: ` ${text} `}, now: start};
			const flag = () => typedFlag(context, option.name, term);
			if (typeof expected === 'string') {
				t.deepEqual([members, problems, notes[name]], [{}, {[name]: expected}, takes], text);
				const error = t.throws(flag, {instanceOf: Failure}, text);
				t.is(error?.message, `--${option.name}: ${expected}`);
			} else {
				t.deepEqual(members, {[name]: expected.value}, text);
				t.deepEqual([problems, notes[name]], [{}, expected.means], text);
				t.deepEqual(flag(), expected.value as never, text);
			}
		}
	});

	test(`${name}: an empty field asks for nothing, an empty option is refused`, (t) => {
		const read = readFields(terms, {[name]: '  '}, start);
		t.deepEqual([read.members, read.problems, read.notes[name]], [{}, {}, takes]);
		const flag = (text?: string) =>
			typedFlag({flags: {[option.name]: text}, now: start}, option.name, term);
		t.throws(() => flag(''), {instanceOf: Failure});
		t.is(flag(), undefined);
	});

	test(`${name}: what a key carries is written so that it is read as the same again`, (t) => {
		t.is(term.write(detail), term.options?.[0] ?? '');
		for (const [text, expected] of typed[name]) {
			if (typeof expected === 'string') continue;
			const written = term.write({...detail, [name]: expected.value});
			// It carries none, as an empty field says.
			if (written === '') continue;
			t.like(term.read(written, start), {value: expected.value}, text);
		}
	});

	test(`${name}: the form of a new key sends it`, (t) => {
		const [text, expected] = typed[name].find(([, wanted]) => typeof wanted !== 'string') ?? [''];
		const driven = loggedIn();
		const at = keyFields.indexOf(name);
		driven.press('n').write('fresh');
		driven.press(...keyFields.slice(0, at).map(() => 'tab'));
		driven.write(text);
		driven.press(...keyFields.slice(at).map(() => 'enter'));
		const value = (expected as {value: unknown}).value;
		const body = {name: 'fresh', [name]: value};
		t.like(driven.effects[0], {
			do: 'change',
			change: {route: 'createKey', input: {org_id: organisation.id, body}},
		});
	});
}

const restricted = {
	...unused,
	ip_allow: ['10.20.0.0/16', '2001:db8::/32'],
	ip_deny: ['10.20.99.0/24'],
};

test('the list names what a key carries that has no column of its own', (t) => {
	t.is(termLabels({...unused, expires_at: '2026-03-14T12:00:00Z'}, start), '');
	t.is(termLabels(restricted, start), 'only from, not from');
	t.is(termLabels({...restricted, scopes: []}, start), 'scopes, only from, not from');
});

test('what a key carries is among its facts', (t) => {
	t.deepEqual(termFacts(unused, start), [['Expires', 'never']]);
	const key = {...unused, expires_at: '2026-03-14T12:00:00Z'};
	t.deepEqual(termFacts(key, start), [['Expires', '2026-03-14 12:00:00 UTC, in 2d']]);
	t.deepEqual(termFacts({...unused, scopes: []}, start), [
		['Expires', 'never'],
		['Scopes', 'none'],
	]);
	t.deepEqual(termFacts({...unused, scopes: ['orders.read', 'eu']}, start)[1], [
		'Scopes',
		'orders.read, eu',
	]);
	t.deepEqual(termFacts(restricted, start), [
		['Expires', 'never'],
		['Only from', '10.20.0.0/16, 2001:db8::/32'],
		['Not from', '10.20.99.0/24'],
	]);
});
