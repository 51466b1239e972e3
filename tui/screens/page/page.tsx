import {Box} from 'ink';
import {Line} from '../../components/line.tsx';
import type {Context} from '../../keymap.ts';
import type {ViewProperties} from '../view.ts';
import type {PageScreen, PageSpec} from './spec.ts';
import {pageLayout, pageWidth} from './state.ts';

type Properties<S extends PageScreen> = ViewProperties<S> & {
	spec: Pick<PageSpec<S, Context>, 'lines'>;
};

/** Text, from the line it was moved to on, and below it how much more there is. */
export function PageView<S extends PageScreen>(properties: Properties<S>) {
	const {spec, screen, model, columns, rows} = properties;
	const lines = spec.lines(screen, model, pageWidth(columns));
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
}
