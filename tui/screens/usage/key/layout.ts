import type {Model} from '../../../app/model.ts';
import {bodyRows} from '../../../app/navigation.ts';
import type {Part} from '../../../components/line.tsx';
import {addressRows, type AddressRow} from '../../../usage/groups.ts';
import {limitLines} from '../../keys/key/limit-lines.ts';
import {chartRows, chartWidth} from '../shared/kind.ts';
import type {KeyUsageScreen} from './screen.ts';

/* What of the use of a key is shown where, and how much of it. */

/** Lines above and between: two above the bars, one below them, the titles of the table, its last line. */
const frame = 5;
/** On a low screen what is left of many limits would take the room of all else. */
const mostLimits = 4;
/** From this many rows on an empty line stands between the chart and what follows. */
const rowsWanted = 6;

export function rowsOf({read}: KeyUsageScreen): AddressRow[] {
	return read === undefined ? [] : addressRows(read.byAddress, read.clients);
}

export function limitsShown(screen: KeyUsageScreen, model: Model, bars: string): Part[][] {
	const {limits} = screen;
	if (limits === undefined) return [];
	const lines = limitLines(limits, model.now, bars, chartWidth(model.size.columns));
	return lines.length > mostLimits && bodyRows(model) < 30 ? lines.slice(0, mostLimits) : lines;
}

/** How many lines chart and table have. */
export function keyUsageLayout(
	screen: KeyUsageScreen,
	model: Model,
): {chart: number; table: number} {
	// However they are drawn, they take as many lines.
	const others = frame + limitsShown(screen, model, '........').length;
	const chart = chartRows(model, others, Math.max(1, Math.min(rowsWanted, rowsOf(screen).length)));
	return {chart, table: Math.max(1, bodyRows(model) - others - chart)};
}
