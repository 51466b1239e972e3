import {bindings, type Context, keyLabel} from '../keymap.ts';
import {width} from '../text/width.ts';
import {Line, type Part} from './line.tsx';

type Hint = {key: string; text: string};

/** The keys of a screen that fit one line, most used first; `? help` is kept before any other. */
export function hintsFor(
	contexts: readonly Context[],
	columns: number,
	leavesTo: 'quit' | 'back',
): Hint[] {
	const all = contexts.flatMap((context) =>
		bindings(context).flatMap(([command, {keys, hint}]): Hint[] => {
			const pointless = leavesTo === 'quit' ? command === 'back' : command === 'quit';
			return hint === undefined || pointless ? [] : [{key: keyLabel(keys[0] ?? ''), text: hint}];
		}),
	);
	const last = all.filter(({key}) => key === '?');
	let room = columns - 1 - last.reduce((sum, hint) => sum + hintWidth(hint), 0);
	const kept = all.filter((hint) => {
		if (hint.key === '?') return false;
		room -= hintWidth(hint);
		return room >= 0;
	});
	return [...kept, ...last];
}

function hintWidth({key, text}: Hint): number {
	return width(key) + 1 + width(text) + 2;
}

type Properties = {contexts: readonly Context[]; columns: number; leavesTo: 'quit' | 'back'};

export function Hints({contexts, columns, leavesTo}: Properties) {
	const parts: Part[] = [[' ']];
	for (const {key, text} of hintsFor(contexts, columns, leavesTo)) {
		parts.push([key, 'key'], [` ${text}  `, 'dim']);
	}
	return <Line parts={parts} columns={columns} />;
}
