import type {FullKey} from '../../../contract/keys.ts';
import {type KeysScreen, type Model, tableHeight} from '../../app/model.ts';
import {selectRow, settleTable, topOfTable} from '../../components/table/state.ts';
import {emptyField} from '../../components/text-field/state.ts';
import {parseKeyFilter} from '../../key-filter.ts';
import {serverOrder, sortKeys} from '../../key-order.ts';

/** None is marked. */
export const noMarks: ReadonlySet<string> = new Set();

export function newKeysScreen(model: Model): KeysScreen {
	return arrange(
		{
			type: 'keys',
			table: topOfTable,
			order: serverOrder,
			filter: {text: emptyField, open: false, applied: ''},
			visible: [],
			marks: noMarks,
		},
		model,
	);
}

/** The rows anew, after the keys, the filter or the order changed; the cursor stays on its key. */
export function arrange(screen: KeysScreen, model: Model): KeysScreen {
	const {test} = parseKeyFilter(screen.filter.applied);
	// All of them are sorted, and once: while a filter is typed they stay the same.
	const sorted = sortKeys(model.keys.items, screen.order);
	const visible =
		screen.filter.applied !== '' ? sorted.filter((key) => test(key, model.now)) : sorted;
	const table = settleTable(screen.table, visible, tableHeight(model));
	return {...screen, visible, table, marks: shownMarks(screen.marks, visible)};
}

/** A mark that one does not see would be revoked unseen: it goes with its row. */
function shownMarks(marks: ReadonlySet<string>, visible: readonly FullKey[]): ReadonlySet<string> {
	if (marks.size === 0) return marks;
	const kept = visible.filter(({id, revoked_at}) => revoked_at === null && marks.has(id));
	return kept.length === marks.size ? marks : new Set(kept.map(({id}) => id));
}

/** The cursor on one key, where the filter shows it. */
export function selectKey(screen: KeysScreen, model: Model, id: string): KeysScreen {
	return {...screen, table: selectRow(screen.table, screen.visible, tableHeight(model), id)};
}

export function keyUnderCursor({visible, table}: KeysScreen): FullKey | undefined {
	return visible[table.index];
}
