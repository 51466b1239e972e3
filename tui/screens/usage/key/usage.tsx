import {Box} from 'ink';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {Line, type Part} from '../../../components/line.tsx';
import {TableView} from '../../../components/table/table.tsx';
import {clean} from '../../../text/clean.ts';
import {useTheme} from '../../../theme.ts';
import type {AddressRow} from '../../../usage/groups.ts';
import {ChartView} from '../shared/chart-view.tsx';
import {addressColumns} from './columns.ts';
import {keyUsageLayout, limitsShown, rowsOf} from './layout.ts';
import type {KeyUsageScreen} from './screen.ts';

/** How a key is used: over time, of its limits, and from where. */
export function KeyUsageView({screen, model, columns}: ViewProperties<KeyUsageScreen>) {
	const {glyphs} = useTheme();
	const {chart, table} = keyUsageLayout(screen, model);
	const rows = rowsOf(screen);
	return (
		<Box flexDirection="column" flexShrink={0}>
			<ChartView screen={screen} columns={columns} rows={chart} />
			{limitsShown(screen, model, glyphs.bars).map((parts, index) => (
				<Line key={index} parts={[[' '], ...parts]} columns={columns} />
			))}
			<Line parts={[]} columns={columns} />
			<TableView
				columns={addressColumns(model.now, glyphs)}
				rows={rows}
				table={screen.table}
				width={columns}
				height={table + 1}
			/>
			<Line parts={[[' '], ...aboutRow(rows[screen.table.index])]} columns={columns} />
		</Box>
	);
}

/** What the columns have no room for: every program seen at the address that the cursor is on. */
function aboutRow(row: AddressRow | undefined): Part[] {
	if (row === undefined || row.agents.length === 0) return [];
	return [
		['by ', 'dim'],
		[row.agents.map(clean).join(' · '), 'dim'],
	];
}
