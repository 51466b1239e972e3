import {Box} from 'ink';
import {helpLayout, helpLines} from '../keyboard/help-lines.ts';
import type {Context} from '../keyboard/keymap.ts';
import {clean} from '../text/clean.ts';
import {fit} from '../text/width.ts';
import {Line, type Part} from './line.tsx';

const keysWidth = 15;

type Properties = {
	title: string;
	contexts: readonly Context[];
	/** First line to show, where not all fit. */
	offset: number;
	columns: number;
	rows: number;
};

export function Help({title, contexts, offset, columns, rows}: Properties) {
	const lines = helpLines(contexts);
	const {room, sideBySide, perColumn, lastOffset} = helpLayout(lines.length, columns, rows);
	const first = Math.min(offset, lastOffset);
	const below = lastOffset - first;
	const columnWidth = Math.floor((columns - 1) / sideBySide);
	return (
		<Box flexDirection="column" height={rows}>
			<Line
				parts={[
					[' Keys of ', 'title'],
					[clean(title), 'title'],
				]}
				columns={columns}
			/>
			<Line parts={[]} columns={columns} />
			{Array.from({length: Math.min(perColumn, room)}, (_, row) => {
				const parts: Part[] = [[' ']];
				for (let column = 0; column < sideBySide; column++) {
					const [keys, help] = lines[column * perColumn + first + row] ?? ['', ''];
					parts.push([fit(keys, keysWidth), 'key'], [fit(help, columnWidth - keysWidth)]);
				}
				return <Line key={row} parts={parts} columns={columns} />;
			})}
			<Line parts={below > 0 ? [[` j shows ${below} more`, 'dim']] : []} columns={columns} />
			<Line
				parts={[
					[' For scripts and screen readers: ', 'dim'],
					['latchkey --help', 'strong'],
				]}
				columns={columns}
			/>
		</Box>
	);
}
