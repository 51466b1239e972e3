import test from 'ava';
import fc from 'fast-check';
import {
	mostRateLimits,
	quotaPeriods,
	quotaRequest,
	rateLimits,
	timeZoneName,
} from '../../contract/rate-limits.ts';

/* What a request may say of limits and quotas: each member at its bounds, and beyond them. */

const limits = rateLimits('rate_limits');
const quota = quotaRequest('quota');

/** What is wrong with limits, or a quota; undefined when nothing is. */
const faultOfLimits = (value: unknown) => limits.safeParse(value).error?.issues[0]?.message;
const faultOfQuota = (value: unknown) => quota.safeParse(value).error?.issues[0]?.message;

/** What is no number of uses, whatever is wanted; JSON has no NaN. */
const noNumbers = [
	'100',
	'',
	null,
	true,
	[],
	[5],
	{},
	1.5,
	1e-9,
	2 ** 53,
	-1,
	Infinity,
	Number.NaN,
];

const limit = {name: 'burst', limit: 100, window_seconds: 60};
const whole = (least: number, most: number) =>
	`rate_limits[0].%s must be a whole number from ${least} to ${most}`;
const most = 10 ** 9;
const atMostLimit = 'rate_limits[0].%s must be at most the limit';

const nameForm =
	'rate_limits[0].name must be up to 32 lower-case letters, digits, _ and -, and begin with a letter';

/** Of a limit of 100 in 60 seconds, with some members changed: what is taken, and what is wrong with others. */
const members: Readonly<
	Record<string, {taken: readonly object[]; refused: readonly (readonly [object, string])[]}>
> = {
	limit: {
		taken: [{limit: 1}, {limit: most, window_seconds: 1000}, {limit: 10 ** 6, window_seconds: 1}],
		refused: [
			...[0, most + 1, undefined, ...noNumbers].map(
				(value) => [{limit: value}, whole(1, most)] as const,
			),
			...[
				{limit: 10 ** 6 + 1, window_seconds: 1},
				{limit: most, window_seconds: 999},
			].map(
				(given) =>
					[
						given,
						'rate_limits[0].limit must be at most 1000000 for each second of the window',
					] as const,
			),
		],
	},
	window_seconds: {
		taken: [{window_seconds: 1}, {window_seconds: 2_592_000}],
		refused: [0, 2_592_001, undefined, ...noNumbers].map((value) => [
			{window_seconds: value},
			whole(1, 2_592_000),
		]),
	},
	burst: {
		taken: [{burst: 1}, {burst: 100}, {burst: undefined}],
		refused: [
			...[0, most + 1, ...noNumbers].map((value) => [{burst: value}, whole(1, most)] as const),
			[{burst: 101}, atMostLimit],
			[{burst: most}, atMostLimit],
		],
	},
	cost: {
		taken: [{cost: 0}, {cost: 1}, {cost: 100}],
		refused: [
			...[most + 1, ...noNumbers].map((value) => [{cost: value}, whole(0, most)] as const),
			[{cost: 101}, atMostLimit],
		],
	},
	auto: {
		taken: [{auto: true}, {auto: false}],
		refused: ['true', 1, 0, null, [], {}].map((value) => [
			{auto: value},
			'rate_limits[0].%s must be true or false',
		]),
	},
	name: {
		taken: ['a', 'a'.repeat(32), 'a-_9', 'quotas', 'constructor', 'all'].map((name) => ({name})),
		refused: [
			...[undefined, null, 7, true, {}, ['a']].map(
				(name) => [{name}, 'rate_limits[0].name is required'] as const,
			),
			...[
				'',
				' ',
				'A',
				'aB',
				'1a',
				'_a',
				'-a',
				'a b',
				'a.b',
				'org:a',
				'ä',
				'a\n',
				'\na',
				'a\0',
			].map((name) => [{name}, nameForm] as const),
			...[
				'__proto__',
				'a'.repeat(33),
				'a'.repeat(100_000),
				"a'; drop table",
				'a"',
				'a%00',
				'{}',
			].map((name) => [{name}, nameForm] as const),
			[{name: 'quota'}, 'rate_limits[0].name must not be quota, by which the quota is called'],
		],
	},
};

for (const [member, {taken, refused}] of Object.entries(members)) {
	test(`${member} of a limit is taken at its bounds and refused beyond, by name`, (t) => {
		for (const given of taken) {
			t.is(faultOfLimits([{...limit, ...given}]), undefined, JSON.stringify(given));
		}
		for (const [given, fault] of refused) {
			const what = JSON.stringify(given).slice(0, 100);
			t.is(faultOfLimits([{...limit, ...given}]), fault.replace('%s', member), what);
			// Each place is told apart.
			const second = fault.replace('%s', member).replace('[0]', '[1]');
			t.is(
				faultOfLimits([
					{...limit, name: 'first'},
					{...limit, ...given},
				]),
				second,
				what,
			);
		}
	});
}

test('what is left out is filled in, as it is then shown', (t) => {
	t.deepEqual(limits.parse([limit]), [{...limit, burst: 100, cost: 1, auto: true}]);
	t.deepEqual(limits.parse([{...limit, auto: false, cost: 0, burst: 7}]), [
		{...limit, burst: 7, cost: 0, auto: false},
	]);
	t.deepEqual(Object.keys(limits.parse([{auto: true, ...limit}])?.[0] ?? {}), [
		'name',
		'limit',
		'window_seconds',
		'burst',
		'cost',
		'auto',
	]);
	t.deepEqual([limits.parse([]), limits.parse(null)], [null, null]);
});

test('a list has ten limits at most, each with a name of its own', (t) => {
	const many = (count: number) =>
		Array.from({length: count}, (_, n) => ({...limit, name: `n${n}`}));
	t.is(faultOfLimits(many(mostRateLimits)), undefined);
	t.is(faultOfLimits(many(mostRateLimits + 1)), 'rate_limits must have at most 10 limits');
	t.is(faultOfLimits(many(100_000)), 'rate_limits must have at most 10 limits');
	t.is(faultOfLimits([...many(3), {...limit, name: 'n1'}]), 'rate_limits[3].name is there twice');
	for (const value of ['burst', 5, true, {}, {0: limit, length: 1}, '[]']) {
		t.is(faultOfLimits(value), 'rate_limits must be a list of limits, or null');
	}
	for (const value of ['burst', 5, null, [], [limit]]) {
		t.is(
			faultOfLimits([limit, value]),
			'rate_limits[1] must be such as {"name":"burst","limit":100,"window_seconds":60}',
		);
	}
});

const monthly = {limit: 100, period: 'month'};
const biggest = 10 ** 12;
const unknownZone = 'quota.timezone must be a time zone such as Europe/Berlin';
const quotaMembers: Readonly<
	Record<string, {taken: readonly object[]; refused: readonly (readonly [object, string])[]}>
> = {
	limit: {
		taken: [{limit: 0}, {limit: biggest}],
		refused: [biggest + 1, undefined, ...noNumbers].map((value) => [
			{limit: value},
			`quota.limit must be a whole number from 0 to ${biggest}`,
		]),
	},
	cost: {
		taken: [{cost: 0}, {cost: biggest}],
		refused: [biggest + 1, ...noNumbers].map((value) => [
			{cost: value},
			`quota.cost must be a whole number from 0 to ${biggest}`,
		]),
	},
	period: {
		taken: quotaPeriods.map((period) => ({period})),
		refused: [undefined, null, 'year', 'Month', 'month ', '', 30, ['month'], {}].map((period) => [
			{period},
			'quota.period must be one of hour, day, week, month, total',
		]),
	},
	reset_day: {
		taken: [
			...[1, 7, null].map((reset_day) => ({period: 'week', reset_day})),
			...[1, 28, null].map((reset_day) => ({period: 'month', reset_day})),
			...(['hour', 'day', 'total'] as const).map((period) => ({period, reset_day: null})),
		],
		refused: [
			...[0, -1, 8, 28].map(
				(reset_day) =>
					[
						{period: 'week', reset_day},
						'quota.reset_day must be a whole number from 1 to 7 for a week',
					] as const,
			),
			...[0, 29, 31].map(
				(reset_day) =>
					[
						{period: 'month', reset_day},
						'quota.reset_day must be a whole number from 1 to 28 for a month',
					] as const,
			),
			...(['hour', 'day', 'total'] as const).map(
				(period) =>
					[{period, reset_day: 1}, 'quota.reset_day is for a week or a month only'] as const,
			),
			...['1', 'Monday', 1.5, true, [], {}].map(
				(reset_day) => [{reset_day}, 'quota.reset_day must be a whole number'] as const,
			),
		],
	},
	timezone: {
		taken: ['UTC', 'Europe/Berlin', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires', null].map(
			(timezone) => ({timezone}),
		),
		refused: [
			'',
			' ',
			'Mars/Olympus',
			'+01:00',
			'UTC+1',
			'-05',
			'Europe/Berlin ',
			'Europe/Berlin\0',
			'Europe//Berlin',
			'../Europe/Berlin',
			// With a Cyrillic o.
			'Eur\u043Epe/Berlin',
			'a'.repeat(100_000),
			'__proto__',
			5,
			true,
			[],
			{},
			['UTC'],
		].map((timezone) => [{timezone}, unknownZone]),
	},
};

for (const [member, {taken, refused}] of Object.entries(quotaMembers)) {
	test(`${member} of a quota is taken at its bounds and refused beyond, by name`, (t) => {
		for (const given of taken) {
			t.is(faultOfQuota({...monthly, ...given}), undefined, JSON.stringify(given));
		}
		for (const [given, fault] of refused) {
			t.is(faultOfQuota({...monthly, ...given}), fault, JSON.stringify(given).slice(0, 100));
		}
	});
}

test('what a quota leaves out is filled in: UTC, a cost of 1, and a first day where there is one', (t) => {
	const filled = {timezone: 'UTC', cost: 1};
	t.deepEqual(quota.parse(monthly), {...monthly, reset_day: 1, ...filled} as never);
	t.deepEqual(quota.parse({limit: 0, period: 'week', reset_day: 7}), {
		limit: 0,
		period: 'week',
		reset_day: 7,
		...filled,
	});
	for (const period of ['hour', 'day', 'total'] as const) {
		t.is(quota.parse({limit: 0, period})?.reset_day, null);
	}
	t.is(quota.parse(null), null);
	for (const value of [5, '50000/month', [], true]) {
		t.is(
			faultOfQuota(value),
			'quota must be such as {"limit":50000,"period":"month"}, or null',
			JSON.stringify(value),
		);
	}
});

test('a time zone is taken in any case, and kept in a spelling that is taken again', (t) => {
	for (const zone of [...Intl.supportedValuesOf('timeZone'), 'UTC', 'GMT', 'US/Pacific', 'CET']) {
		const name = timeZoneName(zone);
		t.is(timeZoneName(name ?? ''), name, zone);
		t.is(timeZoneName(zone.toLowerCase()), name, zone);
		t.truthy(Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name ?? '').year);
	}
});

test('whatever is taken, is taken again as it is shown, and is the same then', (t) => {
	const anything = fc.oneof(
		fc.jsonValue(),
		fc.integer(),
		fc.constantFrom(...quotaPeriods, 'burst'),
	);
	const member = (value: fc.Arbitrary<unknown>) =>
		fc.option(fc.oneof(value, anything), {nil: undefined});
	const uses = fc.integer({min: -1, max: 2000});
	const limitLike = fc.record({
		name: fc.constantFrom('a', 'b', 'c', 'd', 'quota', 'A'),
		limit: uses,
		window_seconds: uses,
		burst: member(uses),
		cost: member(uses),
		auto: member(fc.boolean()),
	});
	const quotaLike = fc.record({
		limit: uses,
		period: fc.constantFrom(...quotaPeriods),
		reset_day: member(fc.integer({min: -1, max: 32})),
		timezone: member(fc.constantFrom('UTC', 'europe/berlin')),
		cost: member(uses),
	});
	const counts = {taken: 0, refused: 0};
	const again = (schema: typeof limits | typeof quota, value: unknown) => {
		const first = schema.safeParse(value);
		counts[first.success ? 'taken' : 'refused']++;
		if (!first.success) return first.error.issues.every(({message}) => message.length > 0);
		t.deepEqual(schema.parse(first.data), first.data as never);
		return true;
	};
	fc.assert(fc.property(fc.array(limitLike, {maxLength: 4}), (value) => again(limits, value)));
	fc.assert(fc.property(quotaLike, (value) => again(quota, value)));
	fc.assert(fc.property(anything, (value) => again(limits, value) && again(quota, value)));
	t.true(counts.taken > 20 && counts.refused > 20, JSON.stringify(counts));
});
