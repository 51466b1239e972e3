import {Box} from 'ink';
import type {HelpEntry, HelpFlow} from '../keyboard/help-entries.ts';
import {helpFlow} from '../keyboard/help-entries.ts';
import {plural} from '../text/plural.ts';
import {spelled} from '../text/ascii.ts';
import {fit, truncate} from '../text/width.ts';
import {useTheme} from '../theme.ts';
import {Line, type Part} from './line.tsx';
import type {TextField} from './text-field/state.ts';
import {TextFieldView} from './text-field/text-field.tsx';

const keysWidth = 14;
/** Lines that are no keys: above what it is of, and what is looked for; below how scripts do it. */
const around = 4;

type Properties = {
	/** What they are the keys of. */
	title: string;
	entries: readonly HelpEntry[];
	choice: number;
	search: TextField | undefined;
	/** Commands that would only be refused now. */
	unavailable: readonly string[];
	columns: number;
	rows: number;
};

export function Help(properties: Properties) {
	const {title, entries, choice, search, columns, rows} = properties;
	const room = Math.max(1, rows - around);
	const flow = helpFlow(entries, choice, {columns, rows: room});
	return (
		<Box flexDirection="column" height={rows}>
			<Line
				parts={[[` ${title}: keyboard shortcuts`, 'title']]}
				right={[[`${plural(entries.length, ['shortcut', 'shortcuts'])} `, 'dim']]}
				columns={columns}
			/>
			{search === undefined ? (
				<Line parts={[]} columns={columns} />
			) : (
				<TextFieldView label={[[' / ', 'key']]} field={search} columns={columns} focused />
			)}
			<Shortcuts {...properties} flow={flow} room={room} />
			<Line
				parts={
					flow.hidden > 0
						? [[` j and k show ${plural(flow.hidden, ['more line', 'more lines'])}`, 'dim']]
						: []
				}
				columns={columns}
			/>
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

function Shortcuts({
	entries,
	choice,
	unavailable,
	columns,
	flow,
	room,
}: Properties & {flow: HelpFlow; room: number}) {
	const {glyphs} = useTheme();
	if (entries.length === 0) {
		return (
			<Box height={room}>
				<Line parts={[[' No shortcut matches.', 'dim']]} columns={columns} />
			</Box>
		);
	}
	const cell = (line: HelpFlow['columns'][number][number]): Part[] => {
		const {columnWidth} = flow;
		if (line === undefined) return [[' '.repeat(columnWidth)]];
		if ('heading' in line) return [[fit(`  ${line.heading}`, columnWidth), 'strong']];
		const entry = entries[line.at];
		if (entry === undefined) return [];
		const isChosen = line.at === choice;
		const labels = glyphs.isAscii ? spelled(entry.labels) : entry.labels;
		const isRefused = unavailable.includes(entry.command);
		const room = columnWidth - keysWidth - 2;
		const help = isRefused ? `(${truncate(entry.help, room - 2, glyphs.ellipsis)})` : entry.help;
		return [
			[isChosen ? `${glyphs.marker} ` : '  ', 'key'],
			[fit(labels, keysWidth), isRefused ? 'dim' : 'key'],
			[fit(help, room, glyphs.ellipsis), isRefused ? 'dim' : isChosen ? 'strong' : 'plain'],
		];
	};
	return Array.from({length: room}, (_, row) => (
		<Line
			key={row}
			parts={flow.columns.flatMap((lines) => cell(lines[flow.first + row]))}
			columns={columns}
		/>
	));
}
