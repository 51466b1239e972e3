import {Box} from 'ink';
import {keyLabel} from '../keyboard/key-names.ts';
import {plural} from '../text/plural.ts';
import {Line, type Part} from './line.tsx';

/** As many lines as there is room for, and under them where the others are. */
export function ScrolledLines({
	lines,
	offset = 0,
	layout: {room, lastOffset},
	columns,
}: {
	lines: readonly (readonly Part[])[];
	/** How many lines are above the first that is shown. */
	offset: number | undefined;
	layout: {room: number; lastOffset: number};
	columns: number;
}) {
	const first = Math.min(offset, lastOffset);
	const below = lines.length - first - room;
	return (
		<Box flexDirection="column" flexShrink={0}>
			{lines.slice(first, first + room).map((parts, index) => (
				<Line key={first + index} parts={[[' '], ...parts]} columns={columns} />
			))}
			{lastOffset > 0 && (
				<Line
					parts={[[below > 0 ? moreText(below) : ` ${keyLabel('pageup')} goes back up`, 'warning']]}
					columns={columns}
				/>
			)}
		</Box>
	);
}

function moreText(below: number): string {
	return ` ! ${plural(below, ['more line', 'more lines'])}: ${keyLabel('pagedown')} shows them`;
}
