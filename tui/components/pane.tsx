import {Box} from 'ink';
import {useTheme} from '../theme.ts';
import {Line, type Part} from './line.tsx';

type Properties = {facts: readonly (readonly Part[])[]; columns: number; rows: number};

/** Columns that the rule at its left takes. */
export const paneRule = 3;

/** All about the row under the cursor, where the terminal is wide enough to show it beside. */
export function Pane({facts, columns, rows}: Properties) {
	const rule = `${useTheme().glyphs.axes.upright} `;
	return (
		<Box flexDirection="column" width={columns} height={rows}>
			{Array.from({length: rows}, (_, row) => (
				<Line key={row} parts={[[rule, 'dim'], ...(facts[row - 1] ?? [])]} columns={columns} />
			))}
		</Box>
	);
}
