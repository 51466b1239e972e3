import {Box} from 'ink';
import {type Glyphs, useTheme} from '../../theme.ts';
import {fit, truncate, width} from '../../text/width.ts';
import {Line, type Part} from '../line.tsx';
import type {Table} from './state.ts';

export type Column<Row> = {
	title: string;
	/** Columns it takes; the one without a width takes what is left. */
	width?: number;
	/** Left out when the table is narrower than this. */
	from?: number;
	/** What rows can be sorted by, where this column shows it. */
	by?: string;
	/** Sorted by this one, and which way. */
	sorted?: 'ascending' | 'descending' | undefined;
	cell: (row: Row) => Part;
};

type Properties<Row> = {
	columns: readonly Column<Row>[];
	rows: readonly Row[];
	table: Table;
	/** Ids of marked rows. */
	marks?: ReadonlySet<string>;
	/** Terminal columns and rows that the table takes, titles included. */
	width: number;
	height: number;
};

const gap = 2;

/** Titles and the rows that are on the screen: the others are never composed. */
export function TableView<Row extends {id: string}>(properties: Properties<Row>) {
	const {rows, table, height} = properties;
	const {glyphs} = useTheme();
	const columns = layOut(properties.columns, properties.width);
	const shown = rows.slice(table.offset, table.offset + height - 1);
	const titles: Part[] = [['  ']];
	for (const column of columns) titles.push([title(column, glyphs), 'title']);
	return (
		<Box flexDirection="column" width={properties.width} height={height}>
			<Line parts={titles} columns={properties.width} />
			{shown.map((row, index) => {
				const selected = table.offset + index === table.index;
				const marked = properties.marks?.has(row.id) === true;
				const parts: Part[] = [
					[`${selected ? glyphs.marker : ' '}${marked ? glyphs.mark : ' '}`, 'key'],
				];
				for (const column of columns) {
					const [text, role] = column.cell(row);
					parts.push([`${fit(text, column.width, glyphs.ellipsis)}${' '.repeat(gap)}`, role]);
				}
				return (
					<Line
						key={row.id}
						parts={parts}
						columns={properties.width}
						{...(selected ? {role: 'selected' as const} : {})}
					/>
				);
			})}
		</Box>
	);
}

type Laid<Row> = Column<Row> & {width: number};

/** Drops the columns that do not fit, and gives the rest of the width to the one without its own. */
export function layOut<Row>(columns: readonly Column<Row>[], total: number): Laid<Row>[] {
	const kept = columns.filter(({from = 0}) => total >= from);
	const fixed = kept.reduce((sum, column) => sum + (column.width ?? 0) + gap, 2);
	return kept.map((column) => ({...column, width: column.width ?? Math.max(8, total - fixed)}));
}

function title<Row>(column: Laid<Row>, glyphs: Glyphs): string {
	const sign = column.sorted === undefined ? '' : ` ${glyphs[column.sorted]}`;
	const text = truncate(column.title, column.width - width(sign), glyphs.ellipsis) + sign;
	return fit(text, column.width + gap, glyphs.ellipsis);
}
