import {isDeepStrictEqual} from 'node:util';
import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {
	type Filter,
	isTable,
	type Items,
	type Model,
	requery,
	setTop,
	type Step,
	type TableName,
	type TableScreen,
	tableHeight,
	top,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {moveTable} from '../../components/table/state.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	type TextField,
	textFieldKey,
} from '../../components/text-field/state.ts';
import {
	type AnyCommand,
	belongsTo,
	commandFor,
	type CommandOf,
	type Context,
} from '../../keymap.ts';
import {parseFilter} from './filters.ts';
import {arrangeTable, marked, readOn} from './rows.ts';
import type {ListSpec} from './spec.ts';

/** The keys of every screen that is a table of one list. */
const tableContexts = ['table', 'list', 'back', 'screens', 'everywhere'] as const;

/** How a screen that is a table of one list behaves. */
export function listKind<List extends TableName, C extends Context>(
	spec: ListSpec<List, C>,
): ScreenKind<TableScreen<List>> {
	const contexts = [spec.context, ...tableContexts] as const;
	return {
		title: (_screen, model) => spec.title(model),
		contexts: ({filter}) => (filter.open ? ['filter'] : contexts),
		typing: ({filter}) => filter.open,
		unavailable: (screen, model) => spec.unavailable?.(model, underCursor(screen)) ?? [],
		onKey(model, screen, key, now) {
			if (screen.filter.open) return filterKey(model, screen, key, now);
			if (key === 'escape' && screen.filter.applied !== '') {
				return ask(refilter(model, screen, emptyField, false, now));
			}
			const command: AnyCommand | undefined = commandFor(contexts, key);
			if (command === undefined) return [model];
			if (commandFor([spec.context], key) === command) {
				return spec.run(model, underCursor(screen), command as CommandOf<C>, now);
			}
			if (belongsTo(['list'], command)) {
				const table = moveTable(screen.table, screen.visible, tableHeight(model), command);
				return readOn(setTop(model, marked({...screen, table})));
			}
			if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
			return [setTop(model, {...screen, filter: {...screen.filter, open: true}})];
		},
		onPaste(model, screen, text, now) {
			if (!screen.filter.open) return [model];
			const field = reduceTextField(screen.filter.text, {type: 'insert', text});
			return [refilter(model, screen, field, true, now)];
		},
	};
}

export function underCursor<List extends TableName>(
	screen: TableScreen<List>,
): Items[List] | undefined {
	// The conditional type of the screen hides from TypeScript that its rows are of its list.
	const rows: readonly unknown[] = screen.visible;
	return rows[screen.table.index] as Items[List] | undefined;
}

function filterKey(model: Model, screen: TableScreen, key: string, now: number): Step {
	const command = commandFor(['filter'], key);
	if (command === 'keep') return ask(refilter(model, screen, screen.filter.text, false, now));
	if (command === 'drop') return ask(refilter(model, screen, emptyField, false, now));
	const action = textFieldKey(key);
	if (action === undefined) return [model];
	return [refilter(model, screen, reduceTextField(screen.filter.text, action), true, now)];
}

/** Another filter, applied at once to the rows that are here; with a bad one they stay. */
function refilter(
	model: Model,
	screen: TableScreen,
	text: TextField,
	open: boolean,
	now: number,
): Model {
	const applied = text.value.trim();
	const parsed = parseFilter(screen.type, applied, now);
	const filter: Filter =
		'problem' in parsed
			? {...screen.filter, text, open: true, problem: parsed.problem}
			: {text, open, applied, since: now};
	return setTop(model, arrangeTable({...screen, filter}, model));
}

/** Asks the server for what the filter narrows a list to, once it is kept or dropped. */
function ask(model: Model): Step {
	const screen = top(model);
	if (!isTable(screen) || screen.filter.open) return [model];
	const {applied, since = model.now} = screen.filter;
	const parsed = parseFilter(screen.type, applied, since);
	const query = {...screen.scope, ...('query' in parsed ? parsed.query : {})};
	const isSame = isDeepStrictEqual(query, model.queries[screen.type] ?? {});
	if (isSame) return readOn(model);
	return requery(model, screen.type, Object.keys(query).length === 0 ? undefined : query);
}

/** Puts a filter on the list that is shown, as if it had been typed and kept. */
export function applyFilter(model: Model, text: string, now: number): Step {
	const screen = top(model);
	return isTable(screen) ? ask(refilter(model, screen, fieldOf(text), false, now)) : [model];
}
