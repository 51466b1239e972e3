import {Box} from 'ink';
import {bindings, type Context, keyLabel} from '../keymap.ts';
import {fit} from '../text/width.ts';
import {Line, type Part} from './line.tsx';

const keysWidth = 15;

/** Every key of a screen, made from the keymap: what help says is what the keys do. */
export function helpLines(contexts: readonly Context[]): [keys: string, help: string][] {
	const taken = new Set<string>();
	return contexts.flatMap((context) =>
		bindings(context).flatMap(([, {keys, help}]): [string, string][] => {
			// A nearer context has this key already.
			const free = keys.filter((key) => !taken.has(key));
			for (const key of free) taken.add(key);
			return free.length === 0 ? [] : [[free.map(keyLabel).join(' '), help]];
		}),
	);
}

type Properties = {
	title: string;
	contexts: readonly Context[];
	columns: number;
	rows: number;
};

export function Help({title, contexts, columns, rows}: Properties) {
	const lines = helpLines(contexts);
	const room = Math.max(1, rows - 5);
	const sideBySide = Math.max(
		1,
		Math.min(Math.ceil(lines.length / room), Math.floor(columns / 38)),
	);
	const perColumn = Math.ceil(lines.length / sideBySide);
	const columnWidth = Math.floor((columns - 1) / sideBySide);
	return (
		<Box flexDirection="column" height={rows}>
			<Line parts={[[` Keys: ${title}`, 'title']]} columns={columns} />
			<Line parts={[]} columns={columns} />
			{Array.from({length: Math.min(perColumn, room)}, (_, row) => {
				const parts: Part[] = [[' ']];
				for (let column = 0; column < sideBySide; column++) {
					const [keys, help] = lines[column * perColumn + row] ?? ['', ''];
					parts.push([fit(keys, keysWidth), 'key'], [fit(help, columnWidth - keysWidth)]);
				}
				return <Line key={row} parts={parts} columns={columns} />;
			})}
			<Line parts={[]} columns={columns} />
			<Line
				parts={[
					[' For scripts and screen readers: ', 'dim'],
					['latchkey --help'],
					['   esc closes', 'dim'],
				]}
				columns={columns}
			/>
		</Box>
	);
}
