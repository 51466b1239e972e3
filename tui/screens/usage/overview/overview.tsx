import {Box} from 'ink';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {Line} from '../../../components/line.tsx';
import {TableView} from '../../../components/table/table.tsx';
import {useTheme} from '../../../theme.ts';
import {ChartView} from '../shared/chart-view.tsx';
import {besideFrom, besideWidth, overviewLayout, rowsOf} from './layout.ts';
import {besideLines} from './beside.ts';
import {keyColumns} from './columns.ts';
import type {OverviewScreen} from './screen.ts';

/** How the keys of an organisation are used: over time, which of them, and why they are refused. */
export function OverviewView({screen, model, columns}: ViewProperties<OverviewScreen>) {
	const {glyphs} = useTheme();
	const {chart, table} = overviewLayout(screen, model);
	const {read} = screen;
	const beside = columns < besideFrom ? 0 : Math.max(besideWidth, Math.floor(columns * 0.36));
	const lines =
		read === undefined || beside === 0 ? [] : besideLines(read, glyphs, beside - 1, table + 1);
	return (
		<Box flexDirection="column" flexShrink={0}>
			<ChartView screen={screen} columns={columns} rows={chart} />
			<Line parts={[]} columns={columns} />
			<Box>
				<TableView
					columns={keyColumns(glyphs)}
					rows={rowsOf(screen)}
					table={screen.table}
					width={columns - beside}
					height={table + 1}
				/>
				<Box flexDirection="column" width={beside} height={table + 1}>
					{lines.slice(0, table + 1).map((parts, row) => (
						<Line key={row} parts={parts} columns={beside} />
					))}
				</Box>
			</Box>
		</Box>
	);
}
