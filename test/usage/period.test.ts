import test from 'ava';
import fc from 'fast-check';
import {mostPoints, usageSteps} from '../../contract/usage.ts';
import {periodOf, startsOf, type AskedPeriod} from '../../core/usage/period.ts';

const now = Date.parse('2026-03-31T10:20:30.456Z');
const iso = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z');

function told(asked: {[Name in 'from' | 'to']?: string} & Pick<AskedPeriod, 'step'>) {
	const {from, to, ...rest} = asked;
	const period = periodOf(
		{
			...rest,
			...(from === undefined ? {} : {from: new Date(from)}),
			...(to === undefined ? {} : {to: new Date(to)}),
		},
		'outcome',
		now,
	);
	if ('message' in period) return period.message;
	return [iso(period.from), iso(period.to), period.step, startsOf(period).length];
}

test('a period is in whole steps, and ends with the one that is running', (t) => {
	t.deepEqual(told({}), ['2026-03-30T11:00:00Z', '2026-03-31T11:00:00Z', 'hour', 24]);
	t.deepEqual(told({step: 'day'}), ['2026-03-02T00:00:00Z', '2026-04-01T00:00:00Z', 'day', 30]);
	t.deepEqual(told({step: 'month'}), ['2025-04-01T00:00:00Z', '2026-04-01T00:00:00Z', 'month', 12]);
	t.deepEqual(told({step: 'month', from: '2024-01-31T23:59:59Z', to: '2024-03-01T00:00:00Z'}), [
		'2024-01-01T00:00:00Z',
		'2024-03-01T00:00:00Z',
		'month',
		2,
	]);
	t.deepEqual(told({step: 'hour', to: '2026-03-31T10:00:00Z', from: '2026-03-31T09:59:59.9Z'}), [
		'2026-03-31T09:00:00Z',
		'2026-03-31T10:00:00Z',
		'hour',
		1,
	]);
	t.deepEqual(told({from: '2026-03-31T00:00:00+02:00', to: '9999-12-31T23:59:59Z'}), [
		'2026-03-30T22:00:00Z',
		'2026-03-31T11:00:00Z',
		'hour',
		13,
	]);
	t.deepEqual(told({to: '2020-02-29T12:00:00Z', step: 'day'}), [
		'2020-01-31T00:00:00Z',
		'2020-03-01T00:00:00Z',
		'day',
		30,
	]);
});

test('how fine it is told, where nobody says, goes by its length', (t) => {
	const stepFrom = (from: string) => told({from})[2];
	t.is(stepFrom('2026-03-24T10:20:31Z'), 'hour');
	t.is(stepFrom('2026-03-24T10:20:30Z'), 'day');
	t.is(stepFrom('2023-07-07T00:00:00Z'), 'day');
	t.is(stepFrom('2023-06-01T00:00:00Z'), 'month');
	const tags = (asked: AskedPeriod) => periodOf(asked, 'tag', now);
	t.like(tags({}), {step: 'hour'});
	t.like(tags({from: new Date('2026-03-24T10:20:00Z')}), {step: 'day'});
	t.like(tags({to: new Date('2026-03-20T00:00:00Z')}), {step: 'day'});
	t.like(tags({from: new Date('2026-03-20T00:00:00Z'), to: new Date('2026-03-21T00:00:00Z')}), {
		step: 'day',
	});
});

test('whatever is asked for, it is told in at most so many points, each of one step, or why not', (t) => {
	const instant = fc.date({
		min: new Date('0001-01-02T00:00:00Z'),
		max: new Date('9999-12-31T23:59:59Z'),
		noInvalidDate: true,
	});
	const near = fc
		.integer({min: -2000 * 86_400_000, max: 86_400_000})
		.map((ms) => new Date(now + ms));
	const asked = fc.record(
		{
			from: fc.oneof(near, instant),
			to: fc.oneof(near, instant),
			step: fc.constantFrom(...usageSteps),
		},
		{requiredKeys: []},
	);
	fc.assert(
		fc.property(asked, fc.constantFrom('outcome', 'tag'), (given, grouping) => {
			const period = periodOf(given, grouping, now);
			if ('message' in period) {
				t.is(period.field, 'from');
				// Without words about the step there is one for all that was counted lately.
				if (given.step === undefined) {
					const {from = new Date(0), to = new Date(now)} = given;
					t.true(from.getTime() >= Math.min(to.getTime(), now) || from.getUTCFullYear() < 1950);
				}
				return;
			}
			const starts = startsOf(period);
			t.true(starts.length >= 1 && starts.length <= mostPoints);
			t.is(starts[0], period.from);
			t.true(period.to > (starts.at(-1) ?? Infinity));
			if (given.from !== undefined) t.true(period.from <= given.from.getTime());
			if (given.to !== undefined && given.to.getTime() <= now) {
				t.true(period.to >= given.to.getTime());
			}
			t.true(period.to <= Date.parse('2026-04-01T00:00:00Z'));
			for (const start of starts) {
				const [, month, hour] = /^[+\d-]+-(\d\d)T(\d\d):00:00Z$/.exec(iso(start)) ?? [];
				t.truthy(hour);
				if (period.step !== 'hour') t.is(hour, '00');
				if (period.step === 'month') t.is(month, '01');
			}
		}),
		{numRuns: 500},
	);
});
