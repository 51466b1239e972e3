import type {Model} from '../../../app/model.ts';
import {hasPane, tableHeight} from '../../../app/navigation.ts';
import {moveTable, selectRow, settleTable, topOfTable} from '../../../components/table/state.ts';
import {type ListFilter, readFilter} from '../../../text/filter-grammar.ts';
import {inOrder} from './arrangement.ts';
import {noMarks, shownMarks} from './marks.ts';
import type {Items, TableName} from '../../../app/lists.ts';
import type {TableScreen} from './screen.ts';
import type {RowsSpec} from './spec.ts';

/* The rows of a table: which there are, in which order, and which is under the cursor. */

type Row = {readonly id: string};

/** What every table can do with its rows, whatever they are. */
type AnyRows = RowsSpec<never>;

/** A list's rows as what they have in common: each spec is used with the rows of its own list only. */
export function rowsOf(spec: AnyRows): RowsSpec<Row> {
	return spec as RowsSpec<Row>;
}

/** Reads a filter; a list without a grammar of its own takes words. */
export function parseFilter(spec: AnyRows, text: string, now: number): ListFilter<Row> {
	return rowsOf(spec).filter?.parse(text, now) ?? readFilter(text, now, {fields: {}});
}

/** The rows anew, after the list, the filter or the order changed; the cursor stays on its row. */
export function arrangeTable<S extends TableScreen>(screen: S, model: Model, spec: AnyRows): S {
	const visible = visibleRows(screen, model, spec);
	const wasFirst = screen.table.index === 0;
	const table =
		screen.follow === true && wasFirst
			? moveTable(topOfTable, visible, tableHeight(model), 'first')
			: settleTable(screen.table, visible, tableHeight(model));
	const canMark = rowsOf(spec).marks;
	const marks =
		canMark === undefined
			? noMarks
			: shownMarks(screen.marks, visible, (row) => canMark(row, model.now));
	return withSeen({...screen, visible, table, marks});
}

function visibleRows({type, filter}: TableScreen, model: Model, spec: AnyRows) {
	// All of them are sorted, and once: while a filter is typed they stay the same.
	const sorted = inOrder(spec, model, type);
	if (filter.applied === '') return sorted;
	const asked = parseFilter(spec, filter.applied, filter.since ?? model.now);
	// What the server does not narrow it to is judged as of now.
	const isOurs = Object.keys(asked.query).length === 0;
	const {test} = isOurs ? parseFilter(spec, filter.applied, model.now) : asked;
	return sorted.filter((row) => test(row));
}

/** Remembers what was the newest row while the cursor was on it, to tell how many came since. */
export function withSeen<S extends TableScreen>(screen: S): S {
	const first = screen.visible[0]?.id;
	if (screen.table.index > 0 || first === undefined || first === screen.seen) return screen;
	return {...screen, seen: first};
}

/** With fewer lines below the rows there is no room for what matters of one. */
const leastBelow = 4;

/** Lines below the rows in which more is said of the one under the cursor. */
export function linesBelow({visible}: TableScreen, model: Model): number {
	const lines = tableHeight(model) - visible.length;
	return hasPane(model) || lines < leastBelow ? 0 : lines;
}

/** How many rows came in above since the cursor left the first one. */
export function newerAbove({visible, seen}: TableScreen): number {
	const rows: readonly Row[] = visible;
	return Math.max(
		0,
		rows.findIndex(({id}) => id === seen),
	);
}

/** The cursor on one row, where the filter shows it. */
export function selectIn<S extends TableScreen>(screen: S, model: Model, id: string): S {
	return {...screen, table: selectRow(screen.table, screen.visible, tableHeight(model), id)};
}

export function underCursor<List extends TableName>(
	screen: TableScreen<List>,
): Items[List] | undefined {
	return visibleOf(screen)[screen.table.index];
}

/** The rows that the next action is for, where some are marked. */
export function markedRows<List extends TableName>(screen: TableScreen<List>): Items[List][] {
	if (screen.marks.size === 0) return [];
	return visibleOf(screen).filter(({id}) => screen.marks.has(id));
}

function visibleOf<List extends TableName>(
	screen: TableScreen<List>,
): readonly (Items[List] & Row)[] {
	// The conditional type of the screen hides from TypeScript that its rows are of its list.
	const rows: readonly unknown[] = screen.visible;
	return rows as readonly (Items[List] & Row)[];
}
