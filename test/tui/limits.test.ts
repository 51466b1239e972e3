import test from 'ava';
import fc from 'fast-check';
import {writeLimit, writeQuota} from '../../contract/limits-in-words.ts';
import {
	maxLimit,
	maxQuota,
	maxWindowSeconds,
	quotaPeriods,
	quotaRequest,
	rateLimits as rateLimitsRequest,
} from '../../contract/rate-limits.ts';
import {quota} from '../../tui/limits/quota.ts';
import {rateLimits} from '../../tui/limits/rate-limits.ts';

/*
Limits and quotas as a person types and reads them.
*/

const limit = fc
	.record(
		{
			name: fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/),
			limit: fc.integer({min: 1, max: maxLimit}),
			window_seconds: fc.oneof(
				fc.integer({min: 1, max: maxWindowSeconds}),
				fc.constantFrom(1, 60, 90, 3600, 7200, 86_400, maxWindowSeconds),
			),
			burst: fc.integer({min: 1, max: maxLimit}),
			cost: fc.integer({min: 0, max: maxLimit}),
			auto: fc.boolean(),
		},
		{requiredKeys: ['name', 'limit', 'window_seconds']},
	)
	.map((given) => rateLimitsRequest('limits').safeParse([given]).data?.[0])
	.filter((given) => given !== undefined);

test('whatever limits a key carries are written so that they are read as the same again', (t) => {
	fc.assert(
		fc.property(
			fc.uniqueArray(limit, {selector: ({name}) => name, minLength: 1, maxLength: 10}),
			(limits) => {
				const written = limits.map(writeLimit).join(', ');
				t.like(rateLimits.read(written, 0), {value: limits}, written);
			},
		),
	);
});

const anyQuota = fc
	.record(
		{
			limit: fc.integer({min: 0, max: maxQuota}),
			period: fc.constantFrom(...quotaPeriods),
			reset_day: fc.integer({min: 1, max: 28}),
			timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia'),
			cost: fc.integer({min: 0, max: maxQuota}),
		},
		{requiredKeys: ['limit', 'period']},
	)
	.map((given) => quotaRequest('quota').safeParse(given).data)
	.filter((given) => given !== undefined && given !== null);

test('whatever quota a key carries is written so that it is read as the same again', (t) => {
	fc.assert(
		fc.property(anyQuota, (given) => {
			const written = writeQuota(given);
			t.like(quota.read(written, 0), {value: given}, written);
		}),
	);
});

test('whatever is typed is read or refused, and never breaks', (t) => {
	const words = fc.constantFrom(
		'a',
		'burst',
		'10',
		'/',
		'/s',
		',',
		' ',
		'k',
		'in',
		'from',
		'month',
	);
	const text = fc.oneof(
		fc.string({unit: 'binary'}),
		fc.array(words).map((each) => each.join(' ')),
	);
	fc.assert(
		fc.property(text, (typed) => {
			for (const {read} of [rateLimits, quota]) {
				const reading = read(typed, 0);
				t.is(typeof ('problem' in reading ? reading.problem : reading.means), 'string');
			}
		}),
	);
});
