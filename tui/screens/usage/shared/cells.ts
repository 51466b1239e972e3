import type {Part} from '../../../components/line.tsx';
import {briefCount} from '../../../text/count.ts';
import {gauge, percent} from '../../../text/gauge.ts';
import {sparseLine} from '../../../text/sparkline.ts';
import type {Glyphs} from '../../../glyphs.ts';
import type {GroupRow} from '../../../usage/groups.ts';
import {isOnlyRefused, squeezed} from '../../../usage/groups.ts';
import type {Column} from '../../../components/table/columns.ts';

/* Columns of tables that tell how much of all use something has. */

const barWidth = 6;
const trendWidth = 24;

/** How often, and which part of all that was accepted. */
export function countColumns<Row extends GroupRow>({bars}: Pick<Glyphs, 'bars'>): Column<Row>[] {
	return [
		{title: 'ACCEPTED', width: 9, cell: ({accepted}) => [briefCount(accepted).padStart(8)]},
		{
			title: 'SHARE',
			width: barWidth + 5,
			from: 66,
			cell: ({share}) =>
				share === undefined
					? ['-', 'dim']
					: [`${gauge(share, 1, barWidth, bars)} ${percent(share, 1).padStart(4)}`],
		},
		{title: 'REFUSED', width: 9, cell: refusedCell},
	];
}

/** What was refused; where nothing else was, that is marked. */
function refusedCell(row: GroupRow): Part {
	const {refused} = row;
	if (refused === 0) return ['-'.padStart(7), 'dim'];
	const text = briefCount(refused).padStart(7);
	return isOnlyRefused(row) ? [`${text} !`, 'bad'] : [text, 'warning'];
}

/** How it went, where there is room. */
export function trendColumn<Row extends GroupRow>(
	{bars}: Pick<Glyphs, 'bars'>,
	from: number,
): Column<Row> {
	return {
		title: 'TREND',
		width: trendWidth,
		from,
		cell: ({trend}) => [sparseLine(squeezed(trend, trendWidth), bars), 'key'],
	};
}
