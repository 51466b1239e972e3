import {keymap} from '../../../keyboard/keymap.ts';
import type {Model, Step} from '../../../app/model.ts';
import {loadOnceDue} from '../../../app/loading.ts';
import {hasPane, push, say, setTop, tableHeight} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import type {Screen} from '../../../app/screens.ts';
import {filterHelp} from '../../../components/filter.ts';
import {moveTable} from '../../../components/table/state.ts';
import {
	belongsTo,
	bindings,
	commandFor,
	type CommandOf,
	type Context,
} from '../../../keyboard/keymap.ts';
import {newColumnsScreen} from '../columns/state.ts';
import {arrangementOf, withArrangement} from './arrangement.ts';
import {applyFilter, asked, clearFilter, filterKey, pasteIntoFilter} from './filtering.ts';
import {markAll, markOne, markRange, noMarks} from './marks.ts';
import {openList, readOn} from './open.ts';
import {arrangeTable, linesBelow, markedRows, rowsOf, underCursor, withSeen} from './rows.ts';
import {severalDone} from './several.ts';
import {reverse, sortingHelp, sortingKey} from './sorting.ts';
import type {TableName} from '../../../app/lists.ts';
import type {TableScreen} from './screen.ts';
import type {ListSpec, RowsSpec} from './spec.ts';

/** How a screen that is a table of one list behaves. */
export function listKind<List extends TableName, C extends Context>(
	spec: ListSpec<List, C>,
): ScreenKind<TableScreen<List>> {
	const own = ownContexts(spec);
	const {place, under, alsoDue, onAnswer, onFailure} = spec;
	return {
		title: (_screen, model) => spec.title(model),
		contexts: ({filter, sorting}) =>
			filter.open
				? [keymap.filter]
				: sorting === true
					? [keymap.sorting]
					: [
							...(filter.applied === '' ? [] : [keymap.filtered]),
							spec.context,
							...own,
							keymap.back,
							keymap.screens,
							keymap.everywhere,
						],
		typing: ({filter}) => filter.open,
		view: async () => (await import('./list.tsx')).listView(spec),
		...(place === undefined
			? {}
			: {place: {...place, open: (model) => openList(model, spec.list, place.at?.(model))}}),
		...(under === undefined ? {} : {under}),
		filterBy: (model, _screen, text, now) => applyFilter(model, spec, text, now),
		list: () => spec.list,
		asks: (screen, model) => asked(screen, spec, screen.filter.since ?? model.now),
		unavailable: (screen, model) =>
			spec.unavailable?.(model, underCursor(screen), markedRows(screen)) ?? [],
		says: ({filter, sorting}, model) =>
			sorting === true ? sortingHelp(spec, model) : filterHelp(filter, spec.filter?.takes),
		note(screen, model) {
			const item = underCursor(screen);
			const isSaid = hasPane(model) || linesBelow(screen, model) > 0;
			return item === undefined || isSaid ? undefined : spec.note?.(item, model);
		},
		hints: (screen, model) => ({
			...spec.hints?.(underCursor(screen), model),
			...markedHints(spec, screen.marks.size),
		}),
		hintedFirst: ({marks}) => (marks.size === 0 ? [] : [...(spec.forMarked ?? []), 'unmark']),
		onKey(model, screen, key, now) {
			if (screen.filter.open) return filterKey(model, screen, spec, key, now);
			if (screen.sorting === true) return sortingKey(model, screen, spec, key);
			if (screen.filter.applied !== '' && commandFor([keymap.filtered], key) === 'clear') {
				return clearFilter(model, screen, spec, now);
			}
			const command = commandFor([spec.context], key);
			if (command !== undefined) {
				return spec.run(model, underCursor(screen), command, now, markedRows(screen));
			}
			const shared = commandFor(own, key);
			return shared === undefined ? undefined : arranged(model, screen, spec, shared, now);
		},
		onPaste: (model, screen, text, now) => pasteIntoFilter(model, screen, spec, text, now),
		arrange: (screen, model) => arrangeTable(screen, model, spec),
		...(alsoDue === undefined
			? {}
			: {
					onTick(model, screen, now, isQuiet) {
						const [next, ...effects] = loadOnceDue(model, spec.list, now, isQuiet);
						if (isQuiet) return [next, ...effects];
						const [after, ...more] = alsoDue(next, screen, now);
						return [after, ...effects, ...more];
					},
				}),
		onAnswer(model, screen, event, heard) {
			if (event.type === 'rowsChanged' && event.of.reload === spec.list) {
				return severalDone(model, event, heard.now);
			}
			return onAnswer?.(model, screen, event, heard);
		},
		...(onFailure === undefined ? {} : {onFailure}),
	};
}

type Shared = (typeof keymap)['table' | 'marks' | 'list'];

/** What commands do with the rows that are marked, and how many those are. */
function markedHints<List extends TableName, C extends Context>(
	{context, forMarked = []}: ListSpec<List, C>,
	count: number,
): Readonly<Record<string, string>> {
	if (count === 0) return {};
	const marked = count.toLocaleString('en');
	const several: readonly string[] = forMarked;
	const verbs = bindings(context).filter(([command]) => several.includes(command));
	return Object.fromEntries([
		...verbs.map(([command, {hint = command}]) => [command, `${hint} ${marked}`] as const),
		['unmark', `drop ${marked} marked`],
	]);
}

/** The keys of every table that it has a use for, before those that it shares with all screens. */
function ownContexts({marks}: RowsSpec<never>): readonly Shared[] {
	return [keymap.table, ...(marks === undefined ? [] : [keymap.marks]), keymap.list];
}

/** Moves, filters, sorts or marks. */
function arranged(
	model: Model,
	screen: TableScreen,
	spec: RowsSpec<never>,
	command: CommandOf<Shared>,
	now: number,
): Step {
	if (belongsTo(keymap.list, command)) {
		const table = moveTable(screen.table, screen.visible, tableHeight(model), command);
		return readOn(setTop(model, withSeen({...screen, table})));
	}
	const {marks} = rowsOf(spec);
	const canMark = (row: {readonly id: string}) => marks?.(row, now) ?? false;
	const show = (next: Screen): Step => [setTop(model, next)];
	switch (command) {
		case 'filter':
			return show({...screen, filter: {...screen.filter, open: true}});
		case 'sort':
			return show({...screen, sorting: true});
		case 'reverse':
			return reverse(model, screen, spec, now);
		case 'wide':
			return [toggleWide(model, screen, spec, now)];
		case 'chooseColumns':
			return [push(model, newColumnsScreen(model, screen.type, spec))];
		case 'mark':
			return show(markOne(screen, canMark, tableHeight(model)));
		case 'markRange':
			return show(markRange(screen, canMark));
		case 'markAll':
			return show(markAll(screen, canMark));
		case 'unmark':
			if (screen.marks.size === 0 && spec.undo !== undefined) return spec.undo(model, now);
			return show({...screen, marks: noMarks});
	}
}

/** Every column that fits and no pane beside them, or as it was. */
function toggleWide(model: Model, screen: TableScreen, spec: RowsSpec<never>, now: number): Model {
	const wide = arrangementOf(model, screen.type).wide !== true;
	const next = withArrangement(model, screen.type, {wide});
	const text = wide ? 'Wide: every column that fits. w goes back, C chooses' : 'No longer wide';
	return say(setTop(next, arrangeTable(screen, next, spec)), now, text);
}
