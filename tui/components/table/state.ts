/** Where the cursor is in a list. It belongs to a row's id, not its place: rows move underneath. */
export type Table = {
	readonly id?: string;
	readonly index: number;
	/** First row on the screen. */
	readonly offset: number;
};

export type TableCommand =
	| 'down'
	| 'up'
	| 'first'
	| 'last'
	| 'pageDown'
	| 'pageUp'
	| 'halfDown'
	| 'halfUp';

type Row = {readonly id: string};

export const topOfTable: Table = {index: 0, offset: 0};

/** Moves the cursor; `height` is the number of rows on the screen. */
export function moveTable(
	table: Table,
	rows: readonly Row[],
	height: number,
	command: TableCommand,
): Table {
	const steps: Record<TableCommand, number> = {
		down: 1,
		up: -1,
		first: -rows.length,
		last: rows.length,
		pageDown: height,
		pageUp: -height,
		halfDown: Math.ceil(height / 2),
		halfUp: -Math.ceil(height / 2),
	};
	return at(table, rows, height, table.index + steps[command]);
}

/** Puts the cursor on the row with `id`, if it is there. */
export function selectRow(table: Table, rows: readonly Row[], height: number, id: string): Table {
	const index = rows.findIndex((row) => row.id === id);
	return index === -1 ? table : at(table, rows, height, index);
}

/** The same cursor after the rows changed: on its id where that still is, else at its old place. */
export function settleTable(table: Table, rows: readonly Row[], height: number): Table {
	const index =
		rows[table.index]?.id === table.id ? table.index : rows.findIndex((row) => row.id === table.id);
	if (index === -1) return at(table, rows, height, table.index);
	// Rows that came in above push the window along, so that the cursor stays where the eye is.
	const shifted = {...table, offset: table.offset + index - table.index};
	return at(shifted, rows, height, index);
}

function at(table: Table, rows: readonly Row[], height: number, wanted: number): Table {
	const index = Math.max(0, Math.min(rows.length - 1, wanted));
	const lowest = Math.max(0, rows.length - height);
	let offset = Math.max(0, Math.min(table.offset, lowest));
	if (index < offset) offset = index;
	if (index >= offset + height) offset = index - height + 1;
	const id = rows[index]?.id;
	return id === undefined ? {index: 0, offset: 0} : {id, index, offset};
}
