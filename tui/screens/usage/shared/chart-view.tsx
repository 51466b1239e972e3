import {Box} from 'ink';
import {chartLines} from '../../../components/chart/chart.ts';
import {Line} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {useTheme} from '../../../theme.ts';
import {usageChart} from '../../../usage/layers.ts';
import {rangeLine, readoutLine} from './head.ts';
import {chartWidth} from './kind.ts';
import type {UsageRead} from '../../../usage/reads.ts';
import type {UsageState} from './screen.ts';

/** Lines above the bars: the range, and what is pointed at. */
export const headRows = 2;

type Properties = {
	screen: UsageState<UsageRead>;
	columns: number;
	/** Lines of the chart alone. */
	rows: number;
};

/** A range of usage as a chart; or why there is none. */
export function ChartView({screen, columns, rows}: Properties) {
	const {glyphs} = useTheme();
	const {read, problem, at} = screen;
	const room = chartWidth(columns);
	const chart = read === undefined ? undefined : usageChart(read.byOutcome, glyphs);
	const range = rangeLine(screen, columns, glyphs);
	const readout = readoutLine(screen, chart, room, glyphs);
	const unread: readonly string[] =
		problem === undefined ? [] : ['It could not be read.', clean(problem), 'Press R to try again.'];
	const lines =
		chart === undefined
			? unread.map((text) => [[text, 'warning'] as const])
			: chartLines(chart, {columns: room, rows}, glyphs, at);
	return (
		<Box flexDirection="column" height={headRows + rows} flexShrink={0}>
			<Line parts={range.left} right={range.right} columns={columns} />
			<Line parts={[[' '], ...readout.left]} right={readout.right} columns={columns} />
			{lines.map((parts, row) => (
				<Line key={row} parts={[[' '], ...parts]} columns={columns} />
			))}
		</Box>
	);
}
