import type {KeyDecisions} from '../../../contract/decisions.ts';
import type {Model} from '../../app/model.ts';
import {bodyRows} from '../../app/navigation.ts';
import {moveTable, settleTable} from '../../components/table/state.ts';
import {parseLiveFilter} from './filter.ts';
import type {LiveRow, LiveScreen} from './screen.ts';

/** What is kept to be scrolled back to. */
const mostRows = 1000;

/** Rows of what is under the cursor, below the table. */
export const detailRows = 2;

/** Rows of decisions that are seen at once: below them is what is under the cursor, above them titles. */
export function liveHeight(model: Model): number {
	return Math.max(1, bodyRows(model) - 2 - detailRows);
}

/** The rows that the filter lets be seen; how many more there were always is. */
export function visibleRows({rows, filter}: LiveScreen): readonly LiveRow[] {
	if (filter.applied === '') return rows;
	const {test} = parseLiveFilter(filter.applied, filter.since ?? 0);
	return rows.filter((row) => !('decision' in row) || test(row.decision));
}

/** The row under the cursor. */
export function rowAt(screen: LiveScreen): LiveRow | undefined {
	return visibleRows(screen).find(({id}) => id === screen.table.id);
}

/** Whether what comes is followed: the cursor is on the last row. */
export function isFollowing(screen: LiveScreen): boolean {
	return visibleRows(screen).at(-1)?.id === screen.table.id;
}

/** How many rows are below the cursor. */
export function newerBelow(screen: LiveScreen): number {
	const visible = visibleRows(screen);
	return visible.length - 1 - visible.findIndex(({id}) => id === screen.table.id);
}

/** The cursor on the last row. */
export function atTheEnd(screen: LiveScreen, height: number): LiveScreen {
	const table = moveTable(screen.table, visibleRows(screen), height, 'last');
	return {...screen, table};
}

/** The cursor where it was, or on the last row where that one is gone. */
export function settled(screen: LiveScreen, height: number): LiveScreen {
	const visible = visibleRows(screen);
	if (!visible.some(({id}) => id === screen.table.id)) return atTheEnd(screen, height);
	return {...screen, table: settleTable(screen.table, visible, height)};
}

/** With what was told besides; a cursor on the last row goes along. */
export function withDecisions(
	screen: LiveScreen,
	{decisions, left_out: leftOut}: KeyDecisions,
	unseenMs: number | undefined,
	height: number,
): LiveScreen {
	const isAlong = isFollowing(screen);
	const added = [
		...(unseenMs === undefined ? [] : [{unseenMs}]),
		...decisions.map((decision) => ({decision})),
		...(leftOut === 0 ? [] : [{leftOut}]),
	];
	if (added.length === 0) return screen;
	const rows = added.map((row, at): LiveRow => ({id: String(screen.count + at), ...row}));
	const next = {
		...screen,
		rows: [...screen.rows, ...rows].slice(-mostRows),
		count: screen.count + rows.length,
	};
	return isAlong ? atTheEnd(next, height) : settled(next, height);
}
