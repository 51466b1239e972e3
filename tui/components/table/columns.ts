import type {Part} from '../line.tsx';

/** What a row is sorted by; null: nothing, as of a key that was never used. */
export type SortValue = string | number | null;

/** How rows are sorted: by the column with this title. */
export type Order = {readonly column: string; readonly descending: boolean};

/** A column of a table: what it shows of each row, and how much room it takes. */
export type Column<Row> = {
	/** It is known by its title, which no other column of the table has. */
	title: string;
	/** Columns it takes; the one without a width takes what is left. */
	width?: number;
	/** Left out when the table is narrower than this, unless it is asked for. */
	from?: number;
	/** What rows are sorted by, by this column; without it they are not. */
	value?: (row: Row) => SortValue;
	/** Sorted by it, the greatest comes first: dates and counts. */
	descending?: true;
	cell: (row: Row) => Part;
};

/** How somebody wants a table to be, for as long as the console runs. */
export type Arrangement = {
	/** Every column that there is room for. */
	readonly wide?: boolean;
	/** Columns that are asked for, or left out, whatever the room is. */
	readonly columns?: Readonly<Record<string, boolean>>;
	/** Where rows are not as the server has them. */
	readonly order?: Order | undefined;
};

export type Laid<Row> = Column<Row> & {width: number};

export const gap = 2;
/** What the column without a width has at least: else a column that was asked for is left out. */
const leastFlexible = 12;

/** Whether a column is wanted in a table of this width. */
export function isWanted(
	{title, from = 0}: Pick<Column<never>, 'title' | 'from'>,
	total: number,
	{wide = false, columns = {}}: Arrangement,
): boolean {
	return columns[title] ?? (wide || total >= from);
}

/** Drops the columns that do not fit, and gives the rest of the width to the one without its own. */
export function layOut<Row>(
	columns: readonly Column<Row>[],
	total: number,
	arrangement: Arrangement = {},
): Laid<Row>[] {
	const isUsual = (column: Column<Row>) => isWanted(column, total, {...arrangement, wide: false});
	const kept = new Set(
		columns.filter((column) => isUsual(column) && !isAsked(column, arrangement)),
	);
	// What was asked for goes before what is there because the table is wide.
	const extra = columns.filter(
		(column) => !kept.has(column) && isWanted(column, total, arrangement),
	);
	for (const column of extra.toSorted((a, b) => ranked(b, arrangement) - ranked(a, arrangement))) {
		if (fixed([...kept, column]) + leastFlexible <= total) kept.add(column);
	}
	const shown = columns.filter((column) => kept.has(column));
	const rest = Math.max(8, total - fixed(shown));
	return shown.map((column) => ({...column, width: column.width ?? rest}));
}

function isAsked({title}: Column<never>, {columns = {}}: Arrangement): boolean {
	return columns[title] === true;
}

function ranked(column: Column<never>, arrangement: Arrangement): number {
	return isAsked(column, arrangement) ? 1 : 0;
}

/** The room that is taken whatever the flexible column has. */
function fixed(columns: readonly Column<never>[]): number {
	return columns.reduce((sum, {width = 0}) => sum + width + gap, 2);
}
