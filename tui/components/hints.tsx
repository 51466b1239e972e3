import {keyLabel} from '../keyboard/key-names.ts';
import {bindings, type Context} from '../keyboard/keymap.ts';
import {width} from '../text/width.ts';
import {Line, type Part} from './line.tsx';

type Hint = {command: string; key: string; text: string};

/** Kept before any other: whoever sees only these finds the rest. */
const essential: readonly string[] = ['help', 'quit', 'back', 'cancel'];

/** The keys of a screen that fit one line, most used first. */
export function hintsFor(
	contexts: readonly Context[],
	columns: number,
	leavesTo: 'quit' | 'back',
	here?: string,
	words: Readonly<Record<string, string>> = {},
): Hint[] {
	const all = contexts.flatMap((context) =>
		bindings(context).flatMap(([command, {keys, hint}]): Hint[] => {
			const pointless = leavesTo === 'quit' ? 'back' : 'quit';
			if (hint === undefined || command === pointless || command === here) return [];
			return [{command, key: keyLabel(keys[0] ?? ''), text: words[command] ?? hint}];
		}),
	);
	const last = all.filter(({command}) => essential.includes(command));
	let room = columns - 1 - last.reduce((sum, hint) => sum + hintWidth(hint), 0);
	const kept = all.filter((hint) => {
		if (last.includes(hint)) return false;
		room -= hintWidth(hint);
		return room >= 0;
	});
	return [...kept, ...last];
}

function hintWidth({key, text}: Hint): number {
	return width(key) + 1 + width(text) + 2;
}

type Properties = {
	contexts: readonly Context[];
	unavailable: readonly string[];
	columns: number;
	leavesTo: 'quit' | 'back';
	/** The command that leads to the screen one is on. */
	here: string | undefined;
	/** What commands do now, instead of their hints. */
	words: Readonly<Record<string, string>>;
};

export function Hints({contexts, unavailable, columns, leavesTo, here, words}: Properties) {
	const parts: Part[] = [[' ']];
	for (const {command, key, text} of hintsFor(contexts, columns, leavesTo, here, words)) {
		parts.push([key, unavailable.includes(command) ? 'dim' : 'key'], [` ${text}  `, 'dim']);
	}
	return <Line parts={parts} columns={columns} />;
}
