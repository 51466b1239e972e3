import {isDeepStrictEqual} from 'node:util';
import type {Query} from '../../../text/filter-grammar.ts';
import type {Model, Step} from '../../../app/model.ts';
import {extend, load, narrow} from '../../../app/loading.ts';
import {push, tableHeight, top} from '../../../app/navigation.ts';
import {isTable} from '../../../app/screens.ts';
import {noFilter} from '../../../components/filter.ts';
import {selectRow, settleTable, topOfTable} from '../../../components/table/state.ts';
import {noMarks} from './marks.ts';
import type {TableName} from '../../../app/lists.ts';
import type {TableScreen} from './screen.ts';

/** A screen of a list as the server has it, with the cursor on the row with `id`, if it is there. */
export function newListScreen<List extends TableName>(
	model: Model,
	type: List,
	id?: string,
	scope?: Query,
): TableScreen<List> {
	const visible: readonly {readonly id: string}[] = model[type].items;
	const height = tableHeight(model);
	const first = settleTable(topOfTable, visible, height);
	// Rows that are to come may have it.
	const table = id === undefined ? first : selectRow({...first, id}, visible, height, id);
	const about = scope === undefined ? {} : {scope};
	// The conditional type of the screen hides from TypeScript that its rows are of its list.
	return {type, table, filter: noFilter, visible, marks: noMarks, ...about} as TableScreen<List>;
}

/** A list of its own, whole or of `scope`, on top of what is shown. */
export function openList(model: Model, type: TableName, id?: string, scope?: Query): Step {
	// A filter of last time is gone with its screen.
	const isSame = isDeepStrictEqual(scope ?? {}, model.queries[type] ?? {});
	const fresh = isSame ? model : narrow(model, type, scope);
	return load(push(fresh, newListScreen(fresh, type, id, scope)), type);
}

/** Reads further pages until there is a screenful below the cursor. */
export function readOn(model: Model): Step {
	const screen = top(model);
	if (!isTable(screen)) return [model];
	const below = screen.visible.length - screen.table.index;
	return below > tableHeight(model) ? [model] : extend(model, screen.type);
}
