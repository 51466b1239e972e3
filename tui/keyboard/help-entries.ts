import {keyLabel} from './key-names.ts';
import {bindings, type Context, keymap} from './keymap.ts';

/** A line of help, made from the keymap: what help says is what the keys do. */
export type HelpEntry = {
	readonly group: string;
	readonly command: string;
	/** The one that is pressed where the line is run. */
	readonly key: string;
	readonly labels: string;
	readonly help: string;
};

const ofScreen = 'On this screen';
const groups: ReadonlyMap<Context, string> = new Map<Context, string>([
	[keymap.table, 'Rows'],
	[keymap.filtered, 'Rows'],
	[keymap.marks, 'Marks'],
	[keymap.list, 'Move'],
	[keymap.scroll, 'Move'],
	[keymap.back, 'Everywhere'],
	[keymap.backFromChart, 'Everywhere'],
	[keymap.everywhere, 'Everywhere'],
]);
const order = [ofScreen, 'Rows', 'Marks', 'Screens', 'Everywhere', 'Move'];

/** Every key of a screen, in groups: what is particular to it comes first, what moves comes last. */
export function helpEntries(contexts: readonly Context[]): HelpEntry[] {
	const taken = new Set<string>();
	const entries = contexts.flatMap((context) =>
		bindings(context).flatMap(([command, {keys, help}]): HelpEntry[] => {
			// A nearer context has the other keys already.
			const free = keys.filter((key) => !taken.has(key));
			for (const key of free) taken.add(key);
			const [key] = free;
			if (key === undefined) return [];
			const labels = free.map(keyLabel).join(' ');
			return [{group: groupOf(context, command), command, key, labels, help}];
		}),
	);
	return order.flatMap((group) => entries.filter((entry) => entry.group === group));
}

function groupOf(context: Context, command: string): string {
	if (context !== keymap.screens) return groups.get(context) ?? ofScreen;
	const leads = command.startsWith('show') || command === 'before' || command === 'palette';
	return leads ? 'Screens' : 'Everywhere';
}

/** Those that have every word that is looked for. */
export function foundEntries(entries: readonly HelpEntry[], wanted: string): HelpEntry[] {
	const words = wanted
		.toLowerCase()
		.split(/\s+/u)
		.filter((word) => word !== '');
	return entries.filter(({group, labels, help}) => {
		const text = `${group} ${help}`.toLowerCase();
		return words.every((word) => text.includes(word) || labels.split(' ').includes(word));
	});
}

/** A heading, an entry by its place among all, or an empty line. */
type HelpLine = {readonly heading: string} | {readonly at: number} | undefined;

/** Cells of a column: it has at least so many, and needs no more. */
const [narrowest, widest] = [40, 48];

export type HelpFlow = {
	/** Side by side, each from the top down. */
	readonly columns: readonly (readonly HelpLine[])[];
	readonly columnWidth: number;
	/** The first row that is shown, so that the entry under the cursor is. */
	readonly first: number;
	/** Rows that are not shown. */
	readonly hidden: number;
};

/** How entries lie in so much room, in as many columns as it has. */
export function helpFlow(
	entries: readonly HelpEntry[],
	choice: number,
	{columns, rows}: {columns: number; rows: number},
): HelpFlow {
	const lines = entries.flatMap((entry, at): HelpLine[] => {
		if (entry.group === entries[at - 1]?.group) return [{at}];
		const heading = {heading: entry.group};
		return at === 0 ? [heading, {at}] : [undefined, heading, {at}];
	});
	const most = Math.max(1, Math.floor(columns / narrowest));
	const flowed = inColumns(lines, most);
	const height = Math.max(0, ...flowed.map(({length}) => length));
	const isChosen = (line: HelpLine) => line !== undefined && 'at' in line && line.at === choice;
	const row = Math.max(0, ...flowed.map((column) => column.findIndex(isChosen)));
	const last = Math.max(0, height - rows);
	const first = Math.min(last, Math.max(0, row - Math.floor(rows / 2)));
	return {
		columns: flowed,
		columnWidth: Math.min(widest, Math.floor(columns / most)),
		first,
		hidden: height - Math.min(height, rows),
	};
}

/** No column begins with an empty line or ends with a heading. */
function inColumns(lines: readonly HelpLine[], count: number): HelpLine[][] {
	for (let height = Math.ceil(lines.length / count); ; height++) {
		const columns: HelpLine[][] = [];
		let left = lines;
		while (left.length > 0) {
			const begins = left.findIndex((line) => line !== undefined);
			const from = left.slice(Math.max(0, begins));
			const last = from[height - 1];
			const isHeading = last !== undefined && 'heading' in last;
			const taken = from.slice(0, isHeading && height > 1 ? height - 1 : height);
			columns.push(taken);
			left = from.slice(taken.length);
		}
		if (columns.length <= count) return columns;
	}
}
