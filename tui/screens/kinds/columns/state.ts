import type {TableName} from '../../../app/lists.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, setTop} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {stepped} from '../../../components/choosing.ts';
import {isWanted} from '../../../components/table/columns.ts';
import {commandFor, keymap} from '../../../keyboard/keymap.ts';
import {allColumns, arrangementOf, withArrangement} from '../list/arrangement.ts';
import type {RowsSpec} from '../list/spec.ts';
import {tableWidth} from './layout.ts';
import type {ColumnsScreen} from './screen.ts';

const contexts = [keymap.columns, keymap.choice] as const;

export function newColumnsScreen(
	model: Model,
	list: TableName,
	spec: RowsSpec<never>,
): ColumnsScreen {
	return {type: 'columns', list, columns: allColumns(spec, model), at: 0};
}

/** Which columns a list has: those that are chosen stay until the console ends. */
export const columnsKind: ScreenKind<ColumnsScreen> = {
	title: () => 'columns',
	contexts: () => [keymap.columns, keymap.list, keymap.everywhere],
	typing: () => false,
	view: async () => (await import('./columns.tsx')).ColumnsView,
	onKey(model, screen, key) {
		const command = commandFor(contexts, key);
		const move = (by: number): Step => [
			setTop(model, {...screen, at: stepped(screen.at, by, screen.columns.length)}),
		];
		switch (command) {
			case 'down':
				return move(1);
			case 'up':
				return move(-1);
			case 'toggleColumn':
				return [toggled(model, screen)];
			case 'asItWas':
				return [withArrangement(model, screen.list, {wide: false, columns: {}})];
			case 'keepColumns':
				return [pop(model)];
			case 'submit':
			case undefined:
				return key === '?' || key === 'ctrl-l' ? undefined : [model];
		}
	},
};

function toggled(model: Model, {list, columns, at}: ColumnsScreen): Model {
	const column = columns[at];
	// The one that takes what is left is the name, or what else the row is known by.
	if (column === undefined || column.width === undefined) return model;
	const arrangement = arrangementOf(model, list);
	const isShown = isWanted(column, tableWidth(model, list), arrangement);
	const chosen = {...arrangement.columns, [column.title]: !isShown};
	return withArrangement(model, list, {columns: chosen});
}
