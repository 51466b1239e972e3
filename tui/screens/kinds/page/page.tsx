import {Box} from 'ink';
import {Line} from '../../../components/line.tsx';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {pageLayout, pageLines} from './layout.ts';
import type {PageScreen, PageText} from './spec.ts';

/** Draws text, from the line it was moved to on, and below it how much more there is. */
export function pageView<S extends PageScreen>(text: PageText<S>) {
	return function View({screen, model, columns, rows}: ViewProperties<S>) {
		const lines = pageLines(text, screen, model, columns);
		const {room, lastOffset} = pageLayout(lines.length, rows);
		const first = Math.min(screen.offset, lastOffset);
		const below = lastOffset - first;
		return (
			<Box flexDirection="column" height={rows}>
				{Array.from({length: room}, (_, row) => (
					<Line key={row} parts={[[' '], ...(lines[first + row] ?? [])]} columns={columns} />
				))}
				<Line parts={below > 0 ? [[` j shows ${below} more`, 'dim']] : []} columns={columns} />
			</Box>
		);
	};
}
