import test from 'ava';
import fc from 'fast-check';
import {gauge, percent} from '../../tui/text/gauge.ts';

/*
How much of something is used, as a bar and in percent.
*/

test('a bar is as long as it should be, and shows that some is used, and that some is left', (t) => {
	t.is(gauge(0, 10, 4, '_.#'), '____');
	t.is(gauge(1, 1000, 4, '_.#'), '#___');
	t.is(gauge(5, 10, 4, '_.#'), '##__');
	t.is(gauge(999, 1000, 4, '_.#'), '###_');
	t.is(gauge(10, 10, 4, '_.#'), '####');
	t.is(gauge(11, 10, 4, '_.#'), '####', 'more may be used than there is, by then');
	t.is(gauge(0, 0, 4, '_.#'), '####', 'of nothing nothing is left');
	fc.assert(
		fc.property(fc.nat(), fc.nat(), fc.integer({min: 2, max: 40}), (used, whole, columns) => {
			t.is(gauge(used, whole, columns, '_.#').length, columns);
		}),
	);
});

test('percents never say that all or nothing is used where that is not so', (t) => {
	t.is(percent(0, 10), '0%');
	t.is(percent(1, 1000), '<1%');
	t.is(percent(5, 10), '50%');
	t.is(percent(9999, 10_000), '99%');
	t.is(percent(10, 10), '100%');
	t.is(percent(0, 0), '100%');
});
