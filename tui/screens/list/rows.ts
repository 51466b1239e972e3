import {isDeepStrictEqual} from 'node:util';
import {
	extend,
	type ListName,
	load,
	type Model,
	narrow,
	push,
	type Query,
	type Screen,
	type Step,
	type TableName,
	type TableScreen,
	isTable,
	tableHeight,
	top,
} from '../../app/model.ts';
import {moveTable, selectRow, settleTable, topOfTable} from '../../components/table/state.ts';
import {emptyField} from '../../components/text-field/state.ts';
import {arrange} from '../keys/rows.ts';
import {parseFilter} from './filters.ts';

export const noFilter = {text: emptyField, open: false, applied: ''} as const;

/** A screen of a list, with the cursor on the row with `id` where there is one. */
export function newListScreen(
	model: Model,
	type: TableName,
	id?: string,
	scope?: Query,
): TableScreen {
	const about = scope === undefined ? {} : {scope};
	const screen = arrangeTable(
		{type, table: topOfTable, filter: noFilter, visible: [], ...about} as TableScreen,
		model,
	);
	if (id === undefined) return screen;
	return {...screen, table: selectRow(screen.table, screen.visible, tableHeight(model), id)};
}

/** A list of its own, whole or of `scope`, on top of what is shown. */
export function openList(model: Model, type: TableName, id?: string, scope?: Query): Step {
	// A filter of last time is gone with its screen.
	const isSame = isDeepStrictEqual(scope ?? {}, model.queries[type] ?? {});
	const fresh = isSame ? model : narrow(model, type, scope);
	return load(push(fresh, newListScreen(fresh, type, id, scope)), type);
}

/** The rows anew, after the list or the filter changed; the cursor stays on its row. */
export function arrangeTable<S extends TableScreen>(screen: S, model: Model): S {
	const items: readonly {readonly id: string}[] = model[screen.type].items;
	const {applied, since} = screen.filter;
	const filter = parseFilter(screen.type, applied, since ?? model.now);
	// Each list is paired with its own filter; TypeScript cannot follow that by index.
	const test = 'test' in filter ? (filter.test as (item: unknown) => boolean) : () => true;
	const visible = applied === '' ? items : items.filter((item) => test(item));
	const wasFirst = screen.table.index === 0;
	const table =
		screen.follow === true && wasFirst
			? moveTable(topOfTable, visible, tableHeight(model), 'first')
			: settleTable(screen.table, visible, tableHeight(model));
	return marked({...screen, visible, table});
}

/** Remembers what was the newest row while the cursor was on it, to tell how many came since. */
export function marked<S extends TableScreen>(screen: S): S {
	const first = screen.visible[0]?.id;
	if (screen.table.index > 0 || first === undefined || first === screen.seen) return screen;
	return {...screen, seen: first};
}

/** How many rows came in above since the cursor left the first one. */
export function newerAbove({visible, seen}: TableScreen): number {
	const rows: readonly {readonly id: string}[] = visible;
	return Math.max(
		0,
		rows.findIndex(({id}) => id === seen),
	);
}

/** Reads further pages until there is a screenful below the cursor. */
export function readOn(model: Model): Step {
	const screen = top(model);
	if (!isTable(screen)) return [model];
	const below = screen.visible.length - screen.table.index;
	return below > tableHeight(model) ? [model] : extend(model, screen.type);
}

/** Every screen that shows `list`, or any list, after it or the room for it changed. */
export function rearrange(model: Model, list?: ListName): Model {
	const screens = model.screens.map((screen): Screen => {
		if (list !== undefined && screen.type !== list) return screen;
		if (screen.type === 'keys') return arrange(screen, model);
		return isTable(screen) ? arrangeTable(screen, model) : screen;
	});
	return {...model, screens};
}
