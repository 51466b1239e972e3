import test from 'ava';
import fc from 'fast-check';
import type {UsageStep} from '../../contract/usage.ts';
import {axisLabels, roundTop} from '../../tui/components/chart/axis.ts';
import {type Chart, chartColumns, chartLines} from '../../tui/components/chart/chart.ts';
import {columnsOf} from '../../tui/components/chart/columns.ts';
import {plotRows} from '../../tui/components/chart/plot.ts';
import {columnText, ticksOf} from '../../tui/components/chart/time-axis.ts';
import {briefCount, writeCount} from '../../tui/text/count.ts';
import {sparseLine} from '../../tui/text/sparkline.ts';
import {width} from '../../tui/text/width.ts';
import {glyphsFor} from '../../tui/glyphs.ts';

/*
Counts over time as a chart of characters: as large as there is room for, and never more, or less, than
what was counted.
*/

const glyphs = glyphsFor({});
const ascii = glyphsFor({LATCHKEY_ASCII: '1'});
const hour = 3_600_000;

/** One point for each of `counts`, a step apart. */
function chartOf(
	counts: readonly (readonly number[])[],
	step: UsageStep = 'hour',
	fills: readonly string[] = glyphs.fills,
): Chart {
	const start = Date.parse('2026-11-23T00:00:00Z');
	const each = step === 'hour' ? hour : 24 * hour;
	return {
		points: counts.map((count, at) => [
			`${new Date(start + at * each).toISOString().slice(0, 19)}Z`,
			count,
		]),
		step,
		layers: [
			{role: 'key', fill: fills[0] ?? ''},
			{role: 'warning', fill: fills[1] ?? ''},
			{role: 'bad', fill: fills[2] ?? ''},
		],
	};
}

const strip = {
	label: 'refused',
	role: 'bad',
	of: ([, ...bad]: readonly number[]) => bad.reduce((sum, count) => sum + count, 0),
} as const;

const textOf = (parts: readonly (readonly [text: string, ...rest: unknown[]])[]) =>
	parts
		.map(([text]) => text)
		.join('')
		.trimEnd();

function drawn(...given: Parameters<typeof chartLines>): string[] {
	return chartLines(...given).map(textOf);
}

test('a day of hours: bars, both axes, round numbers', (t) => {
	const counts = Array.from({length: 24}, (_, at) => [at < 6 ? 0 : (at - 5) * 70]);
	t.deepEqual(drawn(chartOf(counts), {columns: 60, rows: 6}, glyphs), [
		'  1,400 ┤                                          ▂▂▃▃▅▅',
		'        │                                ▂▂▃▃▅▅▆▆████████',
		'    700 ┤                      ▂▂▃▃▅▅▆▆██████████████████',
		'        │            ▂▂▃▃▅▅▆▆████████████████████████████',
		'      0 ┼┬───────────┬─────┬─────┬─────┬─────┬─────┬─────',
		'         Mon 23      06:00 09:00 12:00 15:00 18:00 21:00',
	]);
});

test('where there are no colours, what was refused is told by what fills its part', (t) => {
	const counts = [
		[40, 0, 0],
		[20, 20, 0],
		[0, 20, 20],
		[0, 0, 40],
		[0, 0, 0],
		[0, 1, 0],
	];
	const chart = {...chartOf(counts), strip};
	const lines = drawn(chart, {columns: 27, rows: 7}, glyphs, '2026-11-23T03:00:00Z');
	t.deepEqual(lines, [
		'     40 ┤██ ▒▒ ░░ ░░',
		'        │██ ▒▒ ░░ ░░',
		'     20 ┤██ ██ ▒▒ ░░',
		'        │██ ██ ▒▒ ░░    ▒▒',
		'      0 ┼┬────────▲────────',
		'         Mon 23   03:00',
		'refused     ▅▅ ██ ██    ▂▂',
	]);
	const plain = drawn(
		{...chartOf(counts, 'hour', ascii.fills), strip},
		{columns: 27, rows: 7},
		ascii,
	);
	t.deepEqual(plain.slice(0, 4), [
		'     40 +## oo xx xx',
		'        |## oo xx xx',
		'     20 +## ## oo xx',
		'        |## ## oo xx    oo',
	]);
	t.true(plain.every((line) => /^[ -~]*$/.test(line)));
});

test('a chart is as wide and as high as it may be, whatever was counted', (t) => {
	const count = fc.oneof(fc.constant(0), fc.nat({max: 9}), fc.nat({max: 2_000_000_000}));
	fc.assert(
		fc.property(
			fc.array(fc.tuple(count, count, count), {maxLength: 200}),
			fc.constantFrom<UsageStep>('hour', 'day', 'month'),
			fc.integer({min: 40, max: 220}),
			fc.integer({min: 5, max: 30}),
			(counts, step, columns, rows) => {
				const lines = drawn({...chartOf(counts, step), strip}, {columns, rows}, glyphs);
				t.is(lines.length, Math.max(rows, 4));
				// A step that cannot be added up any further takes the room that it takes.
				if (step === 'hour') t.true(lines.every((line) => width(line) <= columns));
			},
		),
	);
});

test('bars are higher the more there was, and whatever was not nothing is seen', (t) => {
	const plot = {
		layers: chartOf([]).layers,
		height: 5,
		cells: 1,
		gap: 0,
		bars: glyphs.bars,
	};
	const heightOf = (count: number, top: number): number =>
		plotRows({...plot, columns: [[count, 0, 0]], top})
			.map(textOf)
			.reduce((sum, cell) => sum + (cell === '' ? 0 : glyphs.bars.indexOf(cell) + 1), 0);
	fc.assert(
		fc.property(fc.nat({max: 5000}), fc.nat({max: 5000}), (one, other) => {
			const [low, high] = [Math.min(one, other), Math.max(one, other)];
			t.true(heightOf(low, 5000) <= heightOf(high, 5000));
			t.is(heightOf(low, 5000) > 0, low > 0);
		}),
	);
	t.is(heightOf(5000, 5000), 5 * 8);
	t.is(heightOf(2500, 5000), 20);
});

test('the axis ends at a round number that is not far above', (t) => {
	t.is(roundTop(0), 1);
	t.is(roundTop(1), 1);
	t.is(roundTop(2), 2);
	t.is(roundTop(3), 4);
	t.is(roundTop(1312), 1400);
	t.is(roundTop(9300), 10_000);
	fc.assert(
		fc.property(fc.integer({min: 2, max: 2_000_000_000}), (highest) => {
			const top = roundTop(highest);
			t.true(top >= highest);
			t.true(top <= Math.max(highest + 1, highest * 1.5));
			t.true(Number.isInteger(top / 2));
		}),
	);
	t.deepEqual(axisLabels(1400, 4, writeCount), ['1,400', undefined, '700', undefined, '0']);
	t.deepEqual(axisLabels(1, 4, writeCount), ['1', undefined, undefined, undefined, '0']);
	t.deepEqual(axisLabels(10, 3, writeCount), ['10', undefined, undefined, '0']);
});

test('steps that have no room are added up, and nothing is lost', (t) => {
	const hours = [1, 2, 3, 4, 6, 8, 12, 24];
	const sum = (some: readonly number[]) => some.reduce((all, each) => all + each, 0);
	fc.assert(
		fc.property(
			fc.array(fc.nat(1000), {maxLength: 168}),
			fc.integer({min: 7, max: 200}),
			(counts, room) => {
				const points = counts.map((count, at) => [String(at), count] as const);
				const {columns, cells, gap, points: together} = columnsOf(points, room, hours, sum);
				t.is(sum(columns.map(({count}) => count)), sum(counts));
				t.true(columns.length * cells <= room);
				t.true(gap < cells);
				t.true(hours.includes(together));
				t.deepEqual(
					columns.map(({start}) => start),
					points.filter((_, at) => at % together === 0).map(([start]) => start),
				);
			},
		),
	);
	const week = chartOf(Array.from({length: 168}, () => [1, 0, 0]));
	t.is(chartColumns(week, 78).points, 3, 'three hours at 80 columns');
	t.is(chartColumns(week, 178).points, 1, 'each hour where there is room');
});

test('times stand below their bars, and never on each other', (t) => {
	const starts = (count: number, step: number, from = '2026-11-23T00:00:00Z') =>
		Array.from(
			{length: count},
			(_, at) => `${new Date(Date.parse(from) + at * step).toISOString().slice(0, 19)}Z`,
		);
	const labels = (...given: Parameters<typeof ticksOf>) =>
		ticksOf(...given).map(({label}) => label);
	t.deepEqual(labels(starts(24, hour, '2026-11-23T20:00:00Z'), 'hour', 2, 60), [
		'21:00',
		'Tue 24',
		'06:00',
		'09:00',
		'12:00',
		'15:00',
		'18:00',
	]);
	t.deepEqual(labels(starts(56, 3 * hour), 'hour', 1, 60).slice(0, 3), [
		'Mon 23',
		'Tue 24',
		'Wed 25',
	]);
	t.deepEqual(labels(starts(30, 24 * hour), 'day', 2, 60).slice(0, 3), [
		'23 Nov',
		'30 Nov',
		'7 Dec',
	]);
	t.deepEqual(labels(['2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'], 'month', 6, 60), [
		'Nov',
		'Dec',
	]);
	fc.assert(
		fc.property(
			fc.integer({min: 1, max: 200}),
			fc.integer({min: 1, max: 6}),
			fc.integer({min: 20, max: 200}),
			fc.integer({min: 0, max: 23}),
			(count, cells, room, from) => {
				const ticks = ticksOf(
					starts(count, hour, `2026-11-23T${String(from).padStart(2, '0')}:00:00Z`),
					'hour',
					cells,
					room,
				);
				for (const [at, tick] of ticks.entries()) {
					const before = ticks[at - 1];
					t.true(before === undefined || before.at + before.label.length < tick.at);
					t.true(tick.at + tick.label.length <= room);
				}
			},
		),
	);
	t.is(columnText('2026-11-27T14:00:00Z', 'hour'), 'Fri 27 Nov 14:00');
	t.is(columnText('2026-11-27T00:00:00Z', 'day'), 'Fri 27 Nov');
	t.is(columnText('2026-11-01T00:00:00Z', 'month'), 'Nov 2026');
});

test('large numbers are short where there is little room, and of nothing nothing is drawn', (t) => {
	t.is(briefCount(0), '0');
	t.is(briefCount(608_861), '608,861');
	t.is(briefCount(1_000_000), '1M');
	t.is(briefCount(1_214_000), '1.21M');
	t.is(briefCount(20_000_000), '20M');
	t.is(briefCount(120_000_000), '120M');
	t.is(briefCount(3_400_000_000), '3.4G');
	t.is(sparseLine([0, 1, 8, 0], glyphs.bars), ' ▂█ ');
	t.is(sparseLine([0, 0], glyphs.bars), '  ');
});
