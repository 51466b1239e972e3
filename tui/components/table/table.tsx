import {Box} from 'ink';
import type {Glyphs} from '../../glyphs.ts';
import {useTheme} from '../../theme.ts';
import {fit, truncate, width} from '../../text/width.ts';
import {spelled} from '../../text/ascii.ts';
import {Line, type Part} from '../line.tsx';
import {type Arrangement, type Column, gap, type Laid, layOut, type Order} from './columns.ts';
import type {Table} from './state.ts';

type Properties<Row> = {
	columns: readonly Column<Row>[];
	rows: readonly Row[];
	table: Table;
	/** Ids of marked rows. */
	marks?: ReadonlySet<string>;
	/** What the rows are sorted by, which its title says. */
	order?: Order | undefined;
	/** The letters that sort by a column, by its title, while one is chosen. */
	letters?: ReadonlyMap<string, string>;
	arrangement?: Arrangement | undefined;
	/** Terminal columns and rows that the table takes, titles included. */
	width: number;
	height: number;
};

/** Titles and the rows that are on the screen: the others are never composed. */
export function TableView<Row extends {id: string}>(properties: Properties<Row>) {
	const {rows, table, height} = properties;
	const {glyphs} = useTheme();
	const hasMarks = (properties.marks?.size ?? 0) > 0;
	const columns = besideMarks(
		layOut(properties.columns, properties.width, properties.arrangement),
		properties.columns,
		hasMarks,
	);
	const shown = rows.slice(table.offset, table.offset + height - 1);
	const titles: Part[] = [[hasMarks ? '   ' : '  ']];
	for (const column of columns) titles.push(...titleParts(column, properties, glyphs));
	return (
		<Box flexDirection="column" width={properties.width} height={height}>
			<Line parts={titles} columns={properties.width} />
			{shown.map((row, index) => {
				const selected = table.offset + index === table.index;
				const marked = properties.marks?.has(row.id) === true;
				const mark = marked ? glyphs.mark : ' ';
				const parts: Part[] = columns.map((column) => {
					const [text, role] = column.cell(row);
					const shown = glyphs.isAscii ? spelled(text) : text;
					return [`${fit(shown, column.width, glyphs.ellipsis)}${' '.repeat(gap)}`, role];
				});
				return (
					<Line
						key={row.id}
						lead={[`${selected ? glyphs.marker : ' '}${hasMarks ? mark : ''} `, 'key']}
						parts={parts}
						columns={properties.width}
						isSelected={selected}
					/>
				);
			})}
		</Box>
	);
}

/** Marks have a cell before each row: it is taken from the column without a width of its own. */
function besideMarks<Row>(
	laid: readonly Laid<Row>[],
	columns: readonly Column<Row>[],
	hasMarks: boolean,
): readonly Laid<Row>[] {
	const flexible = columns.find((column) => column.width === undefined)?.title;
	return laid.map((column) =>
		hasMarks && column.title === flexible ? {...column, width: column.width - 1} : column,
	);
}

/** The title, with what tells that the rows are sorted by it, or the letter that would sort them. */
function titleParts<Row>(
	column: Laid<Row>,
	{order, letters}: Pick<Properties<Row>, 'order' | 'letters'>,
	glyphs: Glyphs,
): Part[] {
	const text = title(column, order, glyphs);
	const letter = letters?.get(column.title);
	const at = letter === undefined ? -1 : text.toLowerCase().indexOf(letter);
	const isSorted = order?.column === column.title;
	if (at === -1) return [[text, letters === undefined && isSorted ? 'title' : 'heading']];
	return [
		[text.slice(0, at), 'dim'],
		[text.slice(at, at + 1), 'key'],
		[text.slice(at + 1), 'dim'],
	];
}

function title<Row>(column: Laid<Row>, order: Order | undefined, glyphs: Glyphs): string {
	const isSorted = order?.column === column.title;
	const sign = isSorted ? ` ${order.descending ? glyphs.descending : glyphs.ascending}` : '';
	const text = truncate(column.title, column.width - width(sign), glyphs.ellipsis) + sign;
	return fit(text, column.width + gap, glyphs.ellipsis);
}
