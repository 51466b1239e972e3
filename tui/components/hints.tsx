import {keyLabel} from '../keyboard/key-names.ts';
import {bindings, type Context} from '../keyboard/keymap.ts';
import {width} from '../text/width.ts';
import {Line, type Part} from './line.tsx';

type Hint = {command: string; key: string; text: string};

/** Kept before any other: whoever sees only these finds the rest. */
const essential: readonly string[] = ['help', 'quit', 'back', 'cancel'];

export type Hinting = {
	contexts: readonly Context[];
	columns: number;
	leavesTo: 'quit' | 'back';
	/** What commands do now: instead of their hints, and for those that usually have none. */
	words?: Readonly<Record<string, string>>;
	/** Commands before all others, in this order. */
	first?: readonly string[];
};

/** The keys of a screen that fit one line, most used first. */
export function hintsFor({contexts, columns, leavesTo, words = {}, first = []}: Hinting): Hint[] {
	const seen = new Set<string>();
	const all = contexts.flatMap((context) =>
		bindings(context).flatMap(([command, {keys, hint}]): Hint[] => {
			const pointless = leavesTo === 'quit' ? 'back' : 'quit';
			const text = words[command] ?? hint;
			if (text === undefined || command === pointless || seen.has(command)) return [];
			seen.add(command);
			return [{command, key: keyLabel(keys[0] ?? ''), text}];
		}),
	);
	const before = first.flatMap((command) => all.find((hint) => hint.command === command) ?? []);
	const ordered = [...before, ...all.filter((hint) => !before.includes(hint))];
	const last = all.filter(({command}) => essential.includes(command));
	let room = columns - last.reduce((sum, hint) => sum + hintWidth(hint), 0);
	const kept = ordered.filter((hint) => {
		if (last.includes(hint)) return false;
		room -= hintWidth(hint);
		return room >= 0;
	});
	return [...kept, ...last];
}

function hintWidth({key, text}: Hint): number {
	return width(key) + width(text) + 3;
}

/** What would only be refused now is in brackets, which take the place of the spaces around it. */
export function Hints({unavailable, ...hinting}: Hinting & {unavailable: readonly string[]}) {
	const parts = hintsFor(hinting).flatMap(({command, key, text}): Part[] =>
		unavailable.includes(command)
			? [[`(${key} ${text})`, 'dim']]
			: [[' '], [key, 'key'], [` ${text} `, 'dim']],
	);
	return <Line parts={parts} columns={hinting.columns} />;
}
