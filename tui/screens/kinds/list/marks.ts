import {moveTable} from '../../../components/table/state.ts';
import type {TableScreen} from './screen.ts';

/* Marks on the rows that the next action is for. */

type Row = {readonly id: string};
type CanMark = (row: Row) => boolean;

export const noMarks: ReadonlySet<string> = new Set();

/** All that can be marked. */
export function markAll<S extends TableScreen>(screen: S, canMark: CanMark): S {
	return {...screen, marks: idsOf(screen.visible, canMark)};
}

/** Marks the row under the cursor, or takes its mark, and goes on to the next row. */
export function markOne<S extends TableScreen>(screen: S, canMark: CanMark, height: number): S {
	const row = screen.visible[screen.table.index];
	const table = moveTable(screen.table, screen.visible, height, 'down');
	if (row === undefined || !canMark(row)) return {...screen, table};
	const marks = new Set(screen.marks);
	if (!marks.delete(row.id)) marks.add(row.id);
	return {...screen, table, marks};
}

/** Marks every row from the nearest mark above (else below, else the cursor) to the cursor. */
export function markRange<S extends TableScreen>(screen: S, canMark: CanMark): S {
	const {marks, table} = screen;
	const rows: readonly Row[] = screen.visible;
	const isMarked = ({id}: Row) => marks.has(id);
	const above = rows.slice(0, table.index).findLastIndex(isMarked);
	const below = rows.findIndex((row, index) => index > table.index && isMarked(row));
	const from = [above, below].find((index) => index !== -1) ?? table.index;
	const range = rows.slice(Math.min(from, table.index), Math.max(from, table.index) + 1);
	return {...screen, marks: marks.union(idsOf(range, canMark))};
}

/** A mark that one does not see would be acted on unseen: it goes with its row. */
export function shownMarks(
	marks: ReadonlySet<string>,
	visible: readonly Row[],
	canMark: CanMark,
): ReadonlySet<string> {
	if (marks.size === 0) return marks;
	const kept = visible.filter((row) => marks.has(row.id) && canMark(row));
	return kept.length === marks.size ? marks : new Set(kept.map(({id}) => id));
}

function idsOf(rows: readonly Row[], canMark: CanMark): ReadonlySet<string> {
	return new Set(rows.filter(canMark).map(({id}) => id));
}
