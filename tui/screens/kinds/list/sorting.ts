import type {Model, Step} from '../../../app/model.ts';
import {say, setTop} from '../../../app/navigation.ts';
import {firstOrder, sortLetters} from '../../../components/table/order.ts';
import type {Part} from '../../../components/line.tsx';
import {commandFor, keymap} from '../../../keyboard/keymap.ts';
import {allColumns, orderOf, withArrangement} from './arrangement.ts';
import {arrangeTable} from './rows.ts';
import type {TableScreen} from './screen.ts';
import type {RowsSpec} from './spec.ts';

/* Sorting a table: `s` and the letter of a column, or the arrows; its letter again is the other way. */

type AnyRows = RowsSpec<never>;

/** A key while a column is chosen. */
export function sortingKey(model: Model, screen: TableScreen, spec: AnyRows, key: string): Step {
	const [, wanted] = sortLetters(allColumns(spec, model)).find(([letter]) => letter === key) ?? [];
	const {sorting: _, ...done} = screen;
	if (wanted !== undefined) return [sortBy(setTop(model, done), done, spec, wanted)];
	switch (commandFor([keymap.sorting], key)) {
		case 'keep':
			return [setTop(model, done)];
		case 'nextColumn':
			return [sortBeside(model, screen, spec, 1)];
		case 'previousColumn':
			return [sortBeside(model, screen, spec, -1)];
		case 'reverse':
			return [reversed(model, screen, spec)];
		case undefined:
			return [model];
	}
}

/** By the column with this title; by the one that it is sorted by already, the other way round. */
function sortBy(model: Model, screen: TableScreen, spec: AnyRows, title: string): Model {
	const column = allColumns(spec, model).find((each) => each.title === title);
	if (column === undefined) return model;
	const now = orderOf(spec, model, screen.type);
	const first = firstOrder(column);
	const isSame = now?.column === title;
	return inNewOrder(model, screen, spec, isSame ? {...first, descending: !now.descending} : first);
}

/** By the column to the right or the left of the one that it is sorted by. */
function sortBeside(model: Model, screen: TableScreen, spec: AnyRows, by: 1 | -1): Model {
	const columns = allColumns(spec, model).filter(({value}) => value !== undefined);
	const now = orderOf(spec, model, screen.type);
	const at = columns.findIndex(({title}) => title === now?.column);
	const next = columns[at === -1 ? 0 : (at + by + columns.length) % columns.length];
	return next === undefined ? model : inNewOrder(model, screen, spec, firstOrder(next));
}

function reversed(model: Model, screen: TableScreen, spec: AnyRows): Model {
	const order = orderOf(spec, model, screen.type);
	if (order === undefined) return model;
	return inNewOrder(model, screen, spec, {...order, descending: !order.descending});
}

/** The other way round, outside the choice of a column. */
export function reverse(model: Model, screen: TableScreen, spec: AnyRows, now: number): Step {
	if (orderOf(spec, model, screen.type) === undefined) {
		return [say(model, now, 'Not sorted yet: press s and the letter of a column')];
	}
	return [reversed(model, screen, spec)];
}

function inNewOrder(
	model: Model,
	screen: TableScreen,
	spec: AnyRows,
	order: {column: string; descending: boolean},
): Model {
	const next = withArrangement(model, screen.type, {order});
	// What follows the newest row is not what is on top in another order.
	const {follow: _, ...still} = screen;
	return setTop(next, arrangeTable(still, next, spec));
}

/** What the line at the bottom says meanwhile. */
export function sortingHelp(spec: AnyRows, model: Model): Part {
	const letters = sortLetters(allColumns(spec, model));
	const said = letters.map(([letter, title]) => `${letter} ${title.trim().toLowerCase()}`);
	return [`Sort by: ${said.join(' · ')}`, 'key'];
}
