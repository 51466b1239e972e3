import type {TableName} from '../../../app/lists.ts';
import type {Model} from '../../../app/model.ts';
import type {Arrangement, Column, Order} from '../../../components/table/columns.ts';
import {sortRows} from '../../../components/table/order.ts';
import {glyphsFor} from '../../../glyphs.ts';
import type {RowsSpec} from './spec.ts';

/* How the table of a list is arranged, which is kept until the console ends. */

export function arrangementOf(model: Model, list: TableName): Arrangement {
	return model.arrangements[list] ?? {};
}

export function withArrangement(model: Model, list: TableName, change: Arrangement): Model {
	const arrangement = {...arrangementOf(model, list), ...change};
	return {...model, arrangements: {...model.arrangements, [list]: arrangement}};
}

type Row = {readonly id: string};
type Columns = Pick<RowsSpec<never>, 'columns' | 'serverOrder'>;

/** However it is drawn, a column has the same title and the same values. */
const glyphs = glyphsFor({LATCHKEY_ASCII: 'any'});

/** Every column that a list can have, whatever the room. */
export function allColumns({columns}: Columns, model: Model): Column<Row>[] {
	// Each spec is used with the rows of its own list only.
	return columns(model, Number.POSITIVE_INFINITY, glyphs) as unknown as Column<Row>[];
}

/** What the rows are sorted by: as somebody chose, or as the server has them. */
export function orderOf(spec: Columns, model: Model, list: TableName): Order | undefined {
	return arrangementOf(model, list).order ?? spec.serverOrder;
}

type Sorted = {
	readonly order: Order;
	readonly now: number;
	readonly rows: readonly Row[];
};

/** As it was sorted last: it is asked for again at each letter of a filter. */
const lastSorted = new WeakMap<readonly Row[], Sorted>();

/** All rows of a list in the order that was chosen. */
export function inOrder(spec: Columns, model: Model, list: TableName): readonly Row[] {
	const rows: readonly Row[] = model[list].items;
	const order = orderOf(spec, model, list);
	const {serverOrder: server} = spec;
	const isServers = order?.column === server?.column && order?.descending === server?.descending;
	if (order === undefined || isServers) return rows;
	const last = lastSorted.get(rows);
	// States change by themselves as time goes by.
	if (last?.order === order && last.now === model.now) return last.rows;
	const value = allColumns(spec, model).find(({title}) => title === order.column)?.value;
	if (value === undefined) return rows;
	const sorted = {order, now: model.now, rows: sortRows(rows, value, order.descending)};
	lastSorted.set(rows, sorted);
	return sorted.rows;
}
