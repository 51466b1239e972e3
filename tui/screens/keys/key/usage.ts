import type {FullUsageBucket} from '../../../../contract/keys.ts';
import {countedOutcomes} from '../../../../contract/outcomes.ts';
import type {KeyUse} from '../../../app/effect.ts';
import {chartLines} from '../../../components/chart/chart.ts';
import type {Part} from '../../../components/line.tsx';
import {sparkline} from '../../../text/sparkline.ts';
import {wrap} from '../../../text/width.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {countsInWords} from '../../../usage/counts-in-words.ts';
import {usageChart} from '../../../usage/layers.ts';

const labelWidth = 12;
/** Lines of a chart: with fewer its bars would say no more than a sparkline, and more hide what is below. */
const [leastChart, mostChart] = [6, 12];
/** With so many lines left a chart may be higher, as it hides nothing. */
const [roomy, mostRoomy] = [30, 18];

/** What pictures of use are drawn with. */
export type UseGlyphs = Pick<Glyphs, 'bars' | 'axes' | 'fills' | 'ascending'>;

/** For whoever only counts lines: however they are drawn, there are as many. */
export const anyGlyphs: UseGlyphs = {
	bars: '_.:-=+*#',
	axes: {upright: '|', mark: '+', corner: '+', lying: '-', tick: '+'},
	fills: ['#', 'o', 'x'],
	ascending: '^',
};

/**
 * How often a key was checked, by hour and by day; the last day as a chart where there is room for one.
 *
 * @param size what is left of the window
 */
export function usageLines(
	{hours, days}: KeyUse,
	glyphs: UseGlyphs,
	size: {columns: number; rows: number},
): Part[][] {
	const {columns, rows} = size;
	const byDay = sparkLines('30 days', days, glyphs.bars, columns);
	const byHour = sparkLines('24 hours', hours, glyphs.bars, columns);
	const most = rows > roomy ? mostRoomy : mostChart;
	const chartRows = Math.min(most, rows - byHour.length - byDay.length);
	if (chartRows < leastChart || !isUsed(hours)) return [...byHour, ...byDay];
	const chart = usageChart({step: 'hour', series: seriesOf(hours)}, glyphs);
	const text = summaryLines('24 hours', hours, columns);
	return [...text, ...chartLines(chart, {columns, rows: chartRows}, glyphs), ...byDay];
}

function sparkLines(
	label: string,
	buckets: readonly FullUsageBucket[],
	bars: string,
	columns: number,
): Part[][] {
	// Bars of nothing would look like a little use.
	if (!isUsed(buckets)) return summaryLines(label, buckets, columns);
	const line = sparkline(buckets.map(total), bars);
	const indent = labelWidth + line.length + 2;
	return wrap(countsInWords(buckets), columns - indent).map((text, index): Part[] =>
		index === 0
			? [[label.padEnd(labelWidth), 'dim'], [line, 'key'], [`  ${text}`]]
			: [[' '.repeat(indent)], [text]],
	);
}

/** The same in words alone, for where there is little room. */
export function usageInWords({hours, days}: KeyUse, columns: number): Part[][] {
	return [...summaryLines('24 hours', hours, columns), ...summaryLines('30 days', days, columns)];
}

function summaryLines(
	label: string,
	buckets: readonly FullUsageBucket[],
	columns: number,
): Part[][] {
	const text = isUsed(buckets) ? countsInWords(buckets) : 'no use';
	return wrap(text, columns - labelWidth).map((line, index): Part[] => [
		[(index === 0 ? label : '').padEnd(labelWidth), 'dim'],
		[line, isUsed(buckets) ? 'plain' : 'dim'],
	]);
}

function seriesOf(buckets: readonly FullUsageBucket[]) {
	return countedOutcomes.map((outcome) => {
		const points = buckets.map(({start, [outcome]: count}): [string, number] => [start, count]);
		const all = points.reduce((sum, [, count]) => sum + count, 0);
		return {
			group: outcome,
			name: null,
			total: all,
			refused: outcome === 'valid' ? 0 : all,
			points,
		};
	});
}

function isUsed(buckets: readonly FullUsageBucket[]): boolean {
	return buckets.some((bucket) => total(bucket) > 0);
}

function total(bucket: FullUsageBucket): number {
	return countedOutcomes.reduce((sum, outcome) => sum + bucket[outcome], 0);
}
