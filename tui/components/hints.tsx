import {type AnyCommand, bindings, type Context, keyLabel} from '../keymap.ts';
import {width} from '../text/width.ts';
import {Line, type Part} from './line.tsx';

type Hint = {command: AnyCommand; key: string; text: string};

/** Kept before any other: who sees only these finds the rest. */
const essential: readonly AnyCommand[] = ['help', 'quit', 'back'];

/** The keys of a screen that fit one line, most used first. */
export function hintsFor(
	contexts: readonly Context[],
	columns: number,
	leavesTo: 'quit' | 'back',
	here?: AnyCommand,
): Hint[] {
	const all = contexts.flatMap((context) =>
		bindings(context).flatMap(([command, {keys, hint}]): Hint[] => {
			const pointless = leavesTo === 'quit' ? 'back' : 'quit';
			if (hint === undefined || command === pointless || command === here) return [];
			return [{command, key: keyLabel(keys[0] ?? ''), text: hint}];
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
	unavailable: readonly AnyCommand[];
	columns: number;
	leavesTo: 'quit' | 'back';
	/** The command that leads to the screen one is on. */
	here: AnyCommand | undefined;
};

export function Hints({contexts, unavailable, columns, leavesTo, here}: Properties) {
	const parts: Part[] = [[' ']];
	for (const {command, key, text} of hintsFor(contexts, columns, leavesTo, here)) {
		parts.push([key, unavailable.includes(command) ? 'dim' : 'key'], [` ${text}  `, 'dim']);
	}
	return <Line parts={parts} columns={columns} />;
}
