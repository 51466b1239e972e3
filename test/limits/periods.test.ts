import test from 'ava';
import fc from 'fast-check';
import type {Quota, QuotaPeriod} from '../../contract/rate-limits.ts';
import {periodAt} from '../../core/limits/periods.ts';

type Calendar = Pick<Quota, 'period' | 'reset_day' | 'timezone'>;

const calendar = (
	period: QuotaPeriod,
	timezone = 'UTC',
	reset_day: number | null = null,
): Calendar => ({period, timezone, reset_day});

function shown({start, end}: {start: number; end: number | undefined}): string[] {
	const text = (at: number | undefined) =>
		at === undefined ? 'never' : new Date(at).toISOString().replace(/:00(\.000)?Z$/, 'Z');
	return [text(start), text(end)];
}

/** In UTC: of what, at which moment, and from when to when the period is. */
const table: readonly (readonly [Calendar, at: string, start: string, end: string])[] = [
	[calendar('total'), '2026-03-29T12:00Z', '1970-01-01T00:00Z', 'never'],
	[calendar('hour'), '2026-03-29T12:34Z', '2026-03-29T12:00Z', '2026-03-29T13:00Z'],
	[calendar('day'), '2026-03-29T12:34Z', '2026-03-29T00:00Z', '2026-03-30T00:00Z'],

	// Forward: 23 hours. Back: 25, of which one has a name twice.
	[calendar('day', 'Europe/Berlin'), '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
	[calendar('day', 'Europe/Berlin'), '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
	[
		calendar('hour', 'Europe/Berlin'),
		'2026-03-29T00:59Z',
		'2026-03-29T00:00Z',
		'2026-03-29T01:00Z',
	],
	[
		calendar('hour', 'Europe/Berlin'),
		'2026-03-29T01:01Z',
		'2026-03-29T01:00Z',
		'2026-03-29T02:00Z',
	],
	[
		calendar('hour', 'Europe/Berlin'),
		'2026-10-25T00:30Z',
		'2026-10-25T00:00Z',
		'2026-10-25T01:00Z',
	],
	[
		calendar('hour', 'Europe/Berlin'),
		'2026-10-25T01:30Z',
		'2026-10-25T01:00Z',
		'2026-10-25T02:00Z',
	],

	// Clocks are put forward at midnight, which there is none of then.
	[
		calendar('day', 'America/Santiago'),
		'2026-09-06T12:00Z',
		'2026-09-06T04:00Z',
		'2026-09-07T03:00Z',
	],
	[
		calendar('day', 'America/Santiago'),
		'2026-09-06T03:59Z',
		'2026-09-05T04:00Z',
		'2026-09-06T04:00Z',
	],
	[calendar('day', 'Africa/Cairo'), '2026-04-24T12:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z'],
	// Back at midnight: the last hour of the day comes twice; at one: the first.
	[
		calendar('day', 'America/Santiago'),
		'2026-04-05T03:30Z',
		'2026-04-04T03:00Z',
		'2026-04-05T04:00Z',
	],
	[
		calendar('day', 'America/Havana'),
		'2026-11-01T04:30Z',
		'2026-11-01T04:00Z',
		'2026-11-02T05:00Z',
	],
	[
		calendar('day', 'America/Havana'),
		'2026-11-01T05:30Z',
		'2026-11-01T04:00Z',
		'2026-11-02T05:00Z',
	],
	// Back by an hour a minute after midnight: the day before comes again, and it is over.
	[
		calendar('day', 'America/St_Johns'),
		'2010-11-07T02:29Z',
		'2010-11-06T02:30Z',
		'2010-11-07T02:30Z',
	],
	[
		calendar('day', 'America/St_Johns'),
		'2010-11-07T03:00Z',
		'2010-11-07T02:30Z',
		'2010-11-08T03:30Z',
	],

	// By half an hour.
	[
		calendar('day', 'Australia/Lord_Howe'),
		'2026-04-05T02:00Z',
		'2026-04-04T13:00Z',
		'2026-04-05T13:30Z',
	],
	[
		calendar('day', 'Australia/Lord_Howe'),
		'2026-10-04T02:00Z',
		'2026-10-03T13:30Z',
		'2026-10-04T13:00Z',
	],
	[
		calendar('hour', 'Australia/Lord_Howe'),
		'2026-04-04T14:45Z',
		'2026-04-04T14:00Z',
		'2026-04-04T15:00Z',
	],
	[
		calendar('hour', 'Australia/Lord_Howe'),
		'2026-04-04T15:15Z',
		'2026-04-04T15:00Z',
		'2026-04-04T15:30Z',
	],
	[
		calendar('hour', 'Australia/Lord_Howe'),
		'2026-04-04T15:45Z',
		'2026-04-04T15:30Z',
		'2026-04-04T16:30Z',
	],
	[
		calendar('hour', 'Australia/Lord_Howe'),
		'2026-10-03T15:29Z',
		'2026-10-03T14:30Z',
		'2026-10-03T15:30Z',
	],
	[
		calendar('hour', 'Australia/Lord_Howe'),
		'2026-10-03T15:45Z',
		'2026-10-03T15:30Z',
		'2026-10-03T16:00Z',
	],
	[
		calendar('hour', 'Asia/Kathmandu'),
		'2026-01-01T00:14Z',
		'2025-12-31T23:15Z',
		'2026-01-01T00:15Z',
	],

	// The 30th of December 2011, a Friday, was left out.
	[calendar('day', 'Pacific/Apia'), '2011-12-30T09:59Z', '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
	[calendar('day', 'Pacific/Apia'), '2011-12-30T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
	[
		calendar('week', 'Pacific/Apia', 5),
		'2011-12-30T09:59Z',
		'2011-12-23T10:00Z',
		'2011-12-30T10:00Z',
	],
	[
		calendar('week', 'Pacific/Apia', 5),
		'2011-12-30T10:00Z',
		'2011-12-30T10:00Z',
		'2012-01-05T10:00Z',
	],

	[
		calendar('week', 'Europe/Berlin', 1),
		'2026-04-01T12:00Z',
		'2026-03-29T22:00Z',
		'2026-04-05T22:00Z',
	],
	[
		calendar('week', 'Europe/Berlin', 7),
		'2026-04-01T12:00Z',
		'2026-03-28T23:00Z',
		'2026-04-04T22:00Z',
	],
	[calendar('week', 'UTC', 3), '2026-04-01T00:00Z', '2026-04-01T00:00Z', '2026-04-08T00:00Z'],
	[calendar('week', 'UTC', 4), '2026-04-01T23:59Z', '2026-03-26T00:00Z', '2026-04-02T00:00Z'],
	[calendar('week', 'UTC', 5), '2027-01-01T12:00Z', '2027-01-01T00:00Z', '2027-01-08T00:00Z'],

	[calendar('month', 'UTC', 1), '2026-02-28T23:59Z', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
	[calendar('month', 'UTC', 1), '2028-02-29T23:59Z', '2028-02-01T00:00Z', '2028-03-01T00:00Z'],
	[calendar('month', 'UTC', 28), '2026-03-01T12:00Z', '2026-02-28T00:00Z', '2026-03-28T00:00Z'],
	[calendar('month', 'UTC', 28), '2028-02-29T12:00Z', '2028-02-28T00:00Z', '2028-03-28T00:00Z'],
	[calendar('month', 'UTC', 28), '2026-01-31T12:00Z', '2026-01-28T00:00Z', '2026-02-28T00:00Z'],
	[calendar('month', 'UTC', 15), '2027-01-03T12:00Z', '2026-12-15T00:00Z', '2027-01-15T00:00Z'],
	[
		calendar('month', 'Europe/Berlin', 1),
		'2026-03-31T22:00Z',
		'2026-03-31T22:00Z',
		'2026-04-30T22:00Z',
	],
	[
		calendar('month', 'Europe/Berlin', 1),
		'2026-10-31T22:59Z',
		'2026-09-30T22:00Z',
		'2026-10-31T23:00Z',
	],
	[
		calendar('month', 'Pacific/Kiritimati', 1),
		'2026-02-28T10:00Z',
		'2026-02-28T10:00Z',
		'2026-03-31T10:00Z',
	],
	[
		calendar('month', 'Pacific/Pago_Pago', 1),
		'2026-03-01T10:59Z',
		'2026-02-01T11:00Z',
		'2026-03-01T11:00Z',
	],
];

for (const [of, at, start, end] of table) {
	const what = `${of.period} from ${of.reset_day} in ${of.timezone} at ${at}`;
	test(what, (t) => {
		t.deepEqual(shown(periodAt(of, Date.parse(at))), [start, end]);
	});
}

const changing = [
	'Europe/Berlin',
	'America/Santiago',
	'Africa/Cairo',
	'Australia/Lord_Howe',
	'Pacific/Apia',
];

const calendars = (timezones: readonly string[]) =>
	fc
		.record({
			period: fc.constantFrom<QuotaPeriod>('hour', 'day', 'week', 'month'),
			day: fc.integer({min: 1, max: 28}),
			timezone: fc.constantFrom(...timezones),
		})
		.map(({period, day, timezone}) => {
			const reset_day = {week: ((day - 1) % 7) + 1, month: day}[period as 'week' | 'month'] ?? null;
			return {period, timezone, reset_day};
		});

const dates = new Map<string, Intl.DateTimeFormat>();

/** The date on the wall, by another way than that of the code. */
function dateIn(timezone: string, at: number) {
	const format =
		dates.get(timezone) ??
		new Intl.DateTimeFormat('en-US', {
			timeZone: timezone,
			calendar: 'iso8601',
			weekday: 'short',
			day: '2-digit',
			month: '2-digit',
			year: 'numeric',
		});
	dates.set(timezone, format);
	const parts = Object.fromEntries(format.formatToParts(at).map(({type, value}) => [type, value]));
	return {
		text: `${parts['year']}-${parts['month']}-${parts['day']}`,
		day: Number(parts['day']),
		weekday: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts['weekday'] ?? '') + 1,
	};
}

/** What is wrong with the period of a moment. */
function faultOf(of: Calendar, now: number): string | undefined {
	const {start, end} = periodAt(of, now);
	if (end === undefined) return 'it never ends';
	if (!(start <= now && now < end)) return 'the moment is not in it';
	for (const inIt of [start, end - 1]) {
		const same = periodAt(of, inIt);
		if (same.start !== start || same.end !== end) return 'its first or last moment is in another';
	}
	if (periodAt(of, end).start !== end) return 'the next one does not follow';
	if (periodAt(of, start - 1).end !== start) return 'it does not follow the one before';
	if (of.period === 'hour')
		return end - start > 3_600_000 ? 'it is longer than an hour' : undefined;
	const [first, before] = [dateIn(of.timezone, start), dateIn(of.timezone, start - 1)];
	if (first.text === before.text) return 'it does not begin with a day';
	const day = {week: first.weekday, month: first.day}[of.period as 'week' | 'month'];
	// The day on which it begins may have been left out.
	const isNext = of.timezone === 'Pacific/Apia' && first.text === '2011-12-31';
	if (day !== undefined && day !== of.reset_day && !isNext) return `it begins on day ${day}`;
	const days = (end - start) / 86_400_000;
	const [least, most] = {day: [0.9, 1.1], week: [5.9, 7.1], month: [26.9, 31.1]}[
		of.period as 'day' | 'week' | 'month'
	] as [number, number];
	return days >= least && days <= most ? undefined : `it has ${days} days`;
}

function check(of: Calendar, now: number): void {
	const fault = faultOf(of, now);
	if (fault !== undefined) throw new Error(`${JSON.stringify(of)} at ${now}: ${fault}`);
}

const instants = (from: string, to: string) =>
	fc.integer({min: Date.parse(from), max: Date.parse(to)});

test('each moment is in one period, and they follow each other without a gap', (t) => {
	const any = fc.tuple(calendars(changing), instants('2011-01-01', '2040-01-01'));
	fc.assert(
		fc.property(any, ([of, now]) => check(of, now)),
		{numRuns: 3000},
	);
	t.pass();
});

test('also around each change of clocks', (t) => {
	const near = fc.tuple(
		calendars(changing),
		instants('2011-01-01', '2040-01-01'),
		fc.integer({min: -7_200_000, max: 7_200_000}),
	);
	fc.assert(
		fc.property(near, ([of, about, apart]) => {
			const change = Temporal.Instant.fromEpochMilliseconds(about)
				.toZonedDateTimeISO(of.timezone)
				.getTimeZoneTransition('next');
			const now = (change?.epochMilliseconds ?? about) + apart;
			for (const at of [now, now - apart, now - apart - 1]) check(of, at);
		}),
		{numRuns: 2000},
	);
	t.pass();
});

test('also in every other time zone', (t) => {
	const zones = Intl.supportedValuesOf('timeZone');
	t.true(zones.length > 300);
	const any = fc.tuple(calendars(zones), instants('2012-01-01', '2040-01-01'));
	fc.assert(
		fc.property(any, ([of, now]) => check(of, now)),
		{numRuns: 2000},
	);
});

test('what was asked before changes nothing', (t) => {
	const of = calendar('day', 'Europe/Berlin');
	const [day, later] = [Date.parse('2026-03-29T12:00Z'), Date.parse('2026-06-01T12:00Z')];
	const first = periodAt(of, day);
	periodAt(of, later);
	t.deepEqual(periodAt(of, day), first);
	t.notDeepEqual(periodAt(calendar('day', 'UTC'), day), first);
	t.notDeepEqual(periodAt(calendar('week', 'Europe/Berlin', 2), day), first);
});
