import {keymap} from '../../../keyboard/keymap.ts';
import {isDeepStrictEqual} from 'node:util';
import {requery} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {say, setTop, top} from '../../../app/navigation.ts';
import {isTable} from '../../../app/screens.ts';
import {filterOf} from '../../../components/filter.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	type TextField,
	textFieldKey,
} from '../../../components/text-field/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {readOn} from './open.ts';
import type {Query} from '../../../text/filter-grammar.ts';
import {arrangeTable, parseFilter} from './rows.ts';
import type {TableScreen} from './screen.ts';
import type {RowsSpec} from './spec.ts';

/* A filter of a table: applied to the rows that are here as it is typed, asked for when it is kept. */

type AnyRows = RowsSpec<never>;

/** A key while the filter is typed. */
export function filterKey(
	model: Model,
	screen: TableScreen,
	spec: AnyRows,
	key: string,
	now: number,
): Step {
	const command = commandFor([keymap.filter], key);
	if (command === 'keep')
		return keep(refilter(model, screen, spec, screen.filter.text, false, now), spec, now);
	if (command === 'drop') return clearFilter(model, screen, spec, now);
	const action = textFieldKey(key);
	if (action === undefined) return [model];
	return [refilter(model, screen, spec, reduceTextField(screen.filter.text, action), true, now)];
}

export function pasteIntoFilter(
	model: Model,
	screen: TableScreen,
	spec: AnyRows,
	text: string,
	now: number,
): Step {
	if (!screen.filter.open) return [model];
	const field = reduceTextField(screen.filter.text, {type: 'insert', text});
	return [refilter(model, screen, spec, field, true, now)];
}

export function clearFilter(model: Model, screen: TableScreen, spec: AnyRows, now: number): Step {
	return keep(refilter(model, screen, spec, emptyField, false, now), spec, now);
}

/** Puts a filter on the list that is shown, as if it had been typed and kept. */
export function applyFilter(model: Model, spec: AnyRows, text: string, now: number): Step {
	const screen = top(model);
	if (!isTable(screen)) return [model];
	return keep(refilter(model, screen, spec, fieldOf(text), false, now), spec, now);
}

/** Another filter, applied at once to the rows that are here. */
function refilter(
	model: Model,
	screen: TableScreen,
	spec: AnyRows,
	text: TextField,
	open: boolean,
	now: number,
): Model {
	const {problem} = parseFilter(spec, text.value, now);
	const filter = filterOf(text, {open, problem, now});
	// What was said of the text before is not about this one.
	const {notice: _, ...rest} = model;
	const told = screen.filter.problem === undefined ? model : rest;
	return setTop(told, arrangeTable({...screen, filter}, model, spec));
}

/** What the server is asked to narrow the list of a screen to. */
export function asked({scope, filter}: TableScreen, spec: AnyRows, since: number): Query {
	return {...scope, ...parseFilter(spec, filter.applied, since).query};
}

/** Asks the server for what the filter narrows a list to, once it is kept or dropped. */
function keep(model: Model, spec: AnyRows, now: number): Step {
	const screen = top(model);
	if (!isTable(screen)) return [model];
	const {open, problem = '', since = model.now} = screen.filter;
	if (open) return [say(model, now, `Cannot read ${problem}`, 'warning')];
	const query = asked(screen, spec, since);
	const isSame = isDeepStrictEqual(query, model.queries[screen.type] ?? {});
	if (isSame) return readOn(model);
	return requery(model, screen.type, Object.keys(query).length === 0 ? undefined : query);
}
