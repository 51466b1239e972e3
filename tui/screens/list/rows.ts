import {isDeepStrictEqual} from 'node:util';
import {
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
} from '../../app/model.ts';
import {selectRow, settleTable, topOfTable} from '../../components/table/state.ts';
import {emptyField} from '../../components/text-field/state.ts';
import {arrange} from '../keys/rows.ts';

export const noFilter = {text: emptyField, open: false, applied: ''} as const;

/** A screen of a list, with the cursor on the row with `id` where there is one. */
export function newListScreen(model: Model, type: TableName, id?: string): TableScreen {
	const screen = arrangeTable(
		{type, table: topOfTable, filter: noFilter, visible: []} as TableScreen,
		model,
	);
	if (id === undefined) return screen;
	return {...screen, table: selectRow(screen.table, screen.visible, tableHeight(model), id)};
}

/** A list of its own, whole or of `scope`, on top of what is shown. */
export function openList(model: Model, type: TableName, id?: string, scope?: Query): Step {
	const isSame = isDeepStrictEqual(scope ?? {}, model.queries[type] ?? {});
	const fresh = isSame ? model : narrow(model, type, scope);
	return load(push(fresh, newListScreen(fresh, type, id)), type);
}

/** The rows anew, after the list or the filter changed; the cursor stays on its row. */
export function arrangeTable<S extends TableScreen>(screen: S, model: Model): S {
	const items: readonly {readonly id: string}[] = model[screen.type].items;
	const words = screen.filter.applied
		.toLowerCase()
		.split(/\s+/u)
		.filter((word) => word !== '');
	const visible =
		words.length === 0
			? items
			: items.filter((item) => {
					const text = searchable(item);
					return words.every((word) => text.includes(word));
				});
	return {...screen, visible, table: settleTable(screen.table, visible, tableHeight(model))};
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

/** All the text of a row, also within its members. */
function searchable(value: unknown): string {
	if (typeof value === 'string') return value.toLowerCase();
	if (typeof value !== 'object' || value === null) return '';
	return Object.values(value).map(searchable).join(' ');
}
