import type {UsageStep} from '../../../contract/usage.ts';
import {briefCount} from '../../text/count.ts';
import {sparseLine} from '../../text/sparkline.ts';
import type {Glyphs} from '../../glyphs.ts';
import type {Role} from '../../theme.ts';
import type {Part} from '../line.tsx';
import {axisLabels, roundTop} from './axis.ts';
import {type Columns, columnsOf} from './columns.ts';
import {joined, type Layer, plotRows} from './plot.ts';
import {ticksOf} from './time-axis.ts';

/** Counts over time: a bar for each step, made of layers. */
export type Chart = {
	/** For each step when it began, and the count of each layer. */
	readonly points: readonly (readonly [start: string, counts: readonly number[]])[];
	readonly step: UsageStep;
	readonly layers: readonly Layer[];
	/** A line of its own below, for what may be too little to be seen in the bars. */
	readonly strip?: {
		readonly label: string;
		readonly role: Role;
		readonly of: (counts: readonly number[]) => number;
	};
};

type Room = {
	readonly columns: number;
	/** Lines of the whole chart. */
	readonly rows: number;
};

/** Lines besides the bars: the axis of times and what it says; with a strip one more. */
const chartFrame = 2;

const together: Readonly<Record<UsageStep, readonly number[]>> = {
	// Parts of a day.
	hour: [1, 2, 3, 4, 6, 8, 12, 24],
	day: [1, 7],
	month: [1, 12],
};

/** Which columns a chart of so many cells has, and how many cells its axis takes. */
export function chartColumns(
	{points, step, layers, strip}: Chart,
	columns: number,
): Columns<readonly number[]> & {top: number; indent: number} {
	const add = (some: readonly (readonly number[])[]) =>
		layers.map((_, layer) => some.reduce((sum, counts) => sum + (counts[layer] ?? 0), 0));
	// What columns there are decides how high they are, so how wide the axis is cannot be known before.
	const widest = Math.max(briefCount(999_999).length, strip?.label.length ?? 0);
	const laid = columnsOf(points, columns - widest - 2, together[step], add);
	const highest = Math.max(0, ...laid.columns.map(({count}) => total(count)));
	return {...laid, top: roundTop(highest), indent: widest + 2};
}

/**
 * A chart, line by line, no wider and no higher than there is room.
 *
 * @param at the beginning of the step that is pointed at
 */
export function chartLines(
	chart: Chart,
	{columns, rows}: Room,
	glyphs: Pick<Glyphs, 'bars' | 'axes' | 'ascending'>,
	at?: string,
): Part[][] {
	const {columns: bars, cells, gap, top, indent} = chartColumns(chart, columns);
	const height = Math.max(1, rows - chartFrame - (chart.strip === undefined ? 0 : 1));
	const {axes} = glyphs;
	const labels = axisLabels(top, height, briefCount);
	const plotted = plotRows({
		columns: bars.map(({count}) => count),
		layers: chart.layers,
		top,
		height,
		cells,
		gap,
		bars: glyphs.bars,
	});
	const width = bars.length * cells;
	const ticks = ticksOf(
		bars.map(({start}) => start),
		chart.step,
		cells,
		columns - indent,
	);
	const pointed = pointedAt(bars, at);
	const axis = Array.from({length: width}, (_, cell) => {
		if (cell === pointed * cells) return {text: glyphs.ascending, role: 'key'} as const;
		const isTick = ticks.some((tick) => tick.at === cell);
		return {text: isTick ? axes.tick : axes.lying, role: 'dim'} as const;
	});
	const left = (label: string, sign: string): Part => [
		`${label.padStart(indent - 2)} ${sign}`,
		'dim',
	];
	return [
		...plotted.map((parts, row): Part[] => {
			const label = labels[row];
			return [left(label ?? '', label === undefined ? axes.upright : axes.mark), ...parts];
		}),
		[left(labels[height] ?? '', axes.corner), ...joined(axis)],
		[[' '.repeat(indent)], [timesText(ticks), 'dim']],
		...(chart.strip === undefined
			? []
			: [stripLine(chart.strip, bars, {cells, gap, indent}, glyphs)]),
	];
}

/** The column that has a step; -1: none has. */
function pointedAt(columns: readonly {start: string}[], at: string | undefined): number {
	return at === undefined ? -1 : columns.findLastIndex(({start}) => start <= at);
}

function timesText(ticks: readonly {at: number; label: string}[]): string {
	return ticks.reduce((text, {at, label}) => text.padEnd(at) + label, '');
}

function stripLine(
	{label, role, of}: NonNullable<Chart['strip']>,
	columns: readonly {count: readonly number[]}[],
	{cells, gap, indent}: {cells: number; gap: number; indent: number},
	{bars}: Pick<Glyphs, 'bars'>,
): Part[] {
	const counts = columns.map(({count}) => of(count));
	const drawn = sparseLine(counts, bars)
		.split('')
		.map((bar) => bar.repeat(cells - gap) + ' '.repeat(gap));
	return [
		[`${label.padStart(indent - 2)}  `, role],
		[drawn.join('').trimEnd(), role],
	];
}

function total(counts: readonly number[]): number {
	return counts.reduce((sum, count) => sum + count, 0);
}
