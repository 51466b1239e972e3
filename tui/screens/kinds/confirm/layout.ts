import {bodyRows} from '../../../app/navigation.ts';
import type {Model} from '../../../app/model.ts';
import type {Part} from '../../../components/line.tsx';
import {scrolled} from '../../../components/scroll.ts';
import {clean} from '../../../text/clean.ts';
import {width, wrap} from '../../../text/width.ts';
import {armed, type ConfirmScreen} from './screen.ts';

/* What of a question is where: question, input and buttons always; the facts between them scroll. */

/** Lines that the frame takes. */
const frame = 2;

export type ConfirmLayout = {
	/** Columns at the left of it: it stands in the middle. */
	readonly left: number;
	/** Columns with and without the frame. */
	readonly outer: number;
	readonly inner: number;
	/** Whether there is room for lines between the parts. */
	readonly isRoomy: boolean;
	readonly question: readonly string[];
	readonly facts: readonly Part[];
	/** Lines of facts that fit, and which the first one may be at most. */
	readonly room: number;
	readonly lastOffset: number;
	readonly problem: readonly string[];
	/** What asks for the word, above the line where it is typed. */
	readonly ask: readonly (readonly Part[])[];
	readonly buttons: readonly (readonly Part[])[];
};

export function confirmLayout(screen: ConfirmScreen, columns: number, rows: number): ConfirmLayout {
	const outer = Math.min(columns - 2, 86);
	const inner = outer - 4;
	const room = rows - frame;
	const question = wrap(screen.question, inner).slice(0, 2);
	const problem = screen.problem === undefined ? [] : wrap(`! ${clean(screen.problem)}`, inner);
	const ask = askLines(screen, inner);
	const buttons = buttonLines(screen, inner);
	const facts = factLines(screen, inner);
	const typed = screen.word === undefined || screen.why?.isNoting === true ? 0 : 1;
	const why = screen.why === undefined ? 0 : 2;
	const busy = screen.busy ? 1 : 0;
	const fixed = question.length + why + ask.length + typed + buttons.length + problem.length + busy;
	// A line above the frame, one below the question, and one above what is asked for.
	const isRoomy = fixed + facts.length + 3 <= room;
	// The word stands in what is wrong with it, too.
	const isTight = fixed + 2 > room && problem.length > 0;
	const left = room - fixed + (isTight ? ask.length : 0);
	const fits = facts.length <= left;
	// The last line says how many more there are.
	const shown = Math.max(1, fits ? left : left - 1);
	return {
		left: Math.max(1, Math.floor((columns - outer) / 2)),
		outer,
		inner,
		isRoomy,
		question,
		facts,
		problem,
		buttons,
		ask: isTight ? [] : ask,
		room: shown,
		lastOffset: Math.max(0, facts.length - shown),
	};
}

export function scrolledFacts(
	model: Model,
	screen: ConfirmScreen,
	command: 'factsBelow' | 'factsAbove',
): ConfirmScreen {
	const layout = confirmLayout(screen, model.size.columns, bodyRows(model));
	const from = Math.min(screen.offset, layout.lastOffset);
	const by = command === 'factsBelow' ? 'pageDown' : 'pageUp';
	return {...screen, offset: scrolled(from, by, layout)};
}

function factLines({facts, undo}: ConfirmScreen, columns: number): Part[] {
	const all = undo === undefined ? facts : [...facts, [undo, 'dim'] as const];
	return all.flatMap(([text, tone]) => wrap(text, columns).map((line): Part => [line, tone]));
}

function askLines({word, ask = 'To go on, type', wordIs, why}: ConfirmScreen, columns: number) {
	if (word === undefined || why?.isNoting === true) return [];
	const what = wordIs === undefined ? word : `${word} (${wordIs})`;
	const [asks, wanted]: Part[] = [[`${ask} `], [what, 'strong']] as const;
	const isShort = width(ask) + 1 + width(what) <= columns;
	return isShort ? [[asks, wanted]] : [[asks], [wanted]];
}

function buttonLines(screen: ConfirmScreen, columns: number): Part[][] {
	const {verb, word, why, milder} = screen;
	if (why?.isNoting === true) {
		return [
			[
				['enter', 'key'],
				[' goes back to the question', 'dim'],
			],
		];
	}
	if (word === undefined) {
		return [[['enter', 'key'], [` ${verb}    `], ['esc', 'key'], [' Cancel', 'dim']]];
	}
	const isReady = armed(screen);
	const button = (name: ConfirmScreen['button'], text: string, can = true): Part =>
		screen.button === name ? [`[ ${text} ]`, 'selected'] : [`  ${text}  `, can ? 'plain' : 'dim'];
	const buttons = [
		button('cancel', 'Cancel'),
		...(milder === undefined ? [] : [button('milder', milder.verb, screen.text.value === '')]),
		button('confirm', isReady ? verb : `${verb} (type first)`, isReady),
	];
	const all = buttons.flatMap((each, index): Part[] => (index === 0 ? [each] : [[' '], each]));
	const taken = all.reduce((sum, [text]) => sum + width(text), 0);
	return taken <= columns ? [all] : buttons.map((each) => [each]);
}
