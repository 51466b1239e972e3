import type {Key} from '../../../contract/keys.ts';
import type {KeysScreen} from '../../app/model.ts';
import {moveTable} from '../../components/table/state.ts';

/** Those that can still be revoked: others are not marked. */
export function idsOf(keys: readonly Key[]): ReadonlySet<string> {
	return new Set(keys.filter(({revoked_at}) => revoked_at === null).map(({id}) => id));
}

/** Marks the key under the cursor, or takes its mark, and goes on to the next row. */
export function markOne(screen: KeysScreen, height: number): KeysScreen {
	const key = screen.visible[screen.table.index];
	const table = moveTable(screen.table, screen.visible, height, 'down');
	if (key === undefined || key.revoked_at !== null) return {...screen, table};
	const marks = new Set(screen.marks);
	if (!marks.delete(key.id)) marks.add(key.id);
	return {...screen, table, marks};
}

/** Marks every key from the nearest mark above (else below, else the cursor) to the cursor. */
export function markRange(screen: KeysScreen): KeysScreen {
	const {visible, marks, table} = screen;
	const isMarked = ({id}: Key) => marks.has(id);
	const above = visible.slice(0, table.index).findLastIndex(isMarked);
	const below = visible.findIndex((key, index) => index > table.index && isMarked(key));
	const from = [above, below].find((index) => index !== -1) ?? table.index;
	const range = visible.slice(Math.min(from, table.index), Math.max(from, table.index) + 1);
	return {...screen, marks: marks.union(idsOf(range))};
}
