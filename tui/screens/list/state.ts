import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {
	type Items,
	type Model,
	setTop,
	type Step,
	type TableName,
	type TableScreen,
	tableHeight,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {moveTable} from '../../components/table/state.ts';
import {
	emptyField,
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
import {arrangeTable} from './rows.ts';
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
			if (screen.filter.open) return filterKey(model, screen, key);
			if (key === 'escape' && screen.filter.applied !== '') {
				return [refilter(model, screen, emptyField, false)];
			}
			const command: AnyCommand | undefined = commandFor(contexts, key);
			if (command === undefined) return [model];
			if (commandFor([spec.context], key) === command) {
				return spec.run(model, underCursor(screen), command as CommandOf<C>, now);
			}
			if (belongsTo(['list'], command)) {
				const table = moveTable(screen.table, screen.visible, tableHeight(model), command);
				return [setTop(model, {...screen, table})];
			}
			if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
			return [setTop(model, {...screen, filter: {...screen.filter, open: true}})];
		},
		onPaste(model, screen, text) {
			if (!screen.filter.open) return [model];
			const field = reduceTextField(screen.filter.text, {type: 'insert', text});
			return [refilter(model, screen, field, true)];
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

function filterKey(model: Model, screen: TableScreen, key: string): Step {
	const command = commandFor(['filter'], key);
	if (command === 'keep') return [refilter(model, screen, screen.filter.text, false)];
	if (command === 'drop') return [refilter(model, screen, emptyField, false)];
	const action = textFieldKey(key);
	if (action === undefined) return [model];
	return [refilter(model, screen, reduceTextField(screen.filter.text, action), true)];
}

/** Another filter, applied at once. */
function refilter(model: Model, screen: TableScreen, text: TextField, open: boolean): Model {
	const filter = {text, open, applied: text.value.trim()};
	return setTop(model, arrangeTable({...screen, filter}, model));
}
