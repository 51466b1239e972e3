import {writeCount} from '../../../text/count.ts';
import {columnText} from '../../../components/chart/time-axis.ts';
import {chartColumns, type Chart} from '../../../components/chart/chart.ts';
import type {Part} from '../../../components/line.tsx';
import {percent} from '../../../text/gauge.ts';
import {plural} from '../../../text/plural.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {layerTotals, type LayerTotals, usageLayers} from '../../../usage/layers.ts';
import {rangeOf, usageRangeNames} from '../../../usage/ranges.ts';
import {rateOf, rateText} from '../../../usage/rate.ts';
import type {UsageRead} from '../../../usage/reads.ts';
import type {UsageState} from './screen.ts';

/* What is said above a chart of usage. */

type Said = {readonly left: readonly Part[]; readonly right: readonly Part[]};
type Signs = Pick<Glyphs, 'separator' | 'ascending'>;

/** From so many columns on ranges are said in words. */
const wordsFrom = 76;

/** Which range is shown, and all of its counts. */
export function rangeLine(
	{range, read}: UsageState<UsageRead>,
	columns: number,
	{separator}: Signs,
): Said {
	const left = usageRangeNames.flatMap((name): Part[] => {
		const {title: whole, short} = rangeOf(name);
		const title = columns < wordsFrom ? short : whole;
		return [name === range ? [`[${title}] `, 'strong'] : [` ${title}  `, 'dim']];
	});
	if (read === undefined) return {left, right: []};
	const totals = layerTotals(read.byOutcome);
	const bad = totals.limited + totals.refused;
	const all = totals.accepted + bad;
	const right: Part[] = [
		[`${writeCount(totals.accepted)} accepted`],
		...(bad === 0
			? []
			: ([
					[` ${separator} `, 'dim'],
					[`${writeCount(bad)} refused (${percent(bad, all)}) `, 'bad'],
				] as const)),
	];
	return {left, right};
}

/** What is pointed at, or what a bar is; and how often keys are checked now. */
export function readoutLine(
	{at, range, read, reading, samples}: UsageState<UsageRead>,
	chart: Chart | undefined,
	columns: number,
	{ascending}: Signs,
): Said {
	const rate = rateOf(samples);
	const right: Part[] =
		rate === undefined
			? []
			: [
					['now ', 'dim'],
					[`${rateText(rate.perMinute)} `, 'key'],
				];
	if (read === undefined || chart === undefined || read.range !== range) {
		return {left: reading ? [['loading …', 'dim']] : [], right};
	}
	const {columns: bars, points} = chartColumns(chart, columns);
	if (at !== undefined) {
		const bar = bars.findLast(({start}) => start <= at);
		if (bar !== undefined) {
			const when = columnText(bar.start, chart.step);
			const [accepted = 0, limited = 0, refused = 0] = bar.count;
			return {
				left: [[`${ascending} ${when}: `, 'key'], ...countsText({accepted, limited, refused})],
				right,
			};
		}
	}
	const isUsed = bars.some(({count}) => count.some((each) => each > 0));
	if (!isUsed) return {left: [['No use in this period.', 'dim']], right};
	const units = {
		hour: ['hour', 'hours'],
		day: ['day', 'days'],
		month: ['month', 'months'],
	} as const;
	const each = points === 1 ? `one ${units[chart.step][0]}` : plural(points, units[chart.step]);
	return {left: [[`each bar is ${each}, UTC`, 'dim']], right};
}

function countsText(totals: LayerTotals): Part[] {
	const roles = {accepted: 'plain', limited: 'warning', refused: 'bad'} as const;
	const told = usageLayers.filter((layer) => layer === 'accepted' || totals[layer] > 0);
	return told.map((layer, at) => [
		`${at === 0 ? '' : ', '}${writeCount(totals[layer])} ${layer}`,
		roles[layer],
	]);
}
