import type {Model} from '../../../app/model.ts';
import {bodyRows} from '../../../app/navigation.ts';
import {groupRows, type GroupRow} from '../../../usage/groups.ts';
import {chartRows} from '../shared/kind.ts';
import type {OverviewScreen} from './screen.ts';

/** Lines above and between: two above the bars, one below them, the titles of the table. */
const frame = 4;
const rowsWanted = 8;

/** Columns of what stands beside the keys: refusals by cause, and owners. */
export const besideWidth = 34;
export const besideFrom = 76;

export function rowsOf({read}: OverviewScreen): GroupRow[] {
	return read === undefined ? [] : groupRows(read.byKey);
}

/** How many lines chart and table have. */
export function overviewLayout(
	screen: OverviewScreen,
	model: Model,
): {chart: number; table: number} {
	const wanted = Math.max(rowsWanted, Math.min(12, rowsOf(screen).length));
	const chart = chartRows(model, frame, wanted);
	return {chart, table: Math.max(1, bodyRows(model) - frame - chart)};
}
