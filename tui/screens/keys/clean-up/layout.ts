import {inUse} from '../../../api-keys/in-use.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago} from '../../../text/time.ts';
import {fit, wrap} from '../../../text/width.ts';
import {factsOf, isYoung, whySpared} from './facts.ts';
import type {CleanUpScreen, MarkedKey} from './screen.ts';

/*
 * What of the question is where. What is asked, the choice and the fields always are; the keys scroll, and
 * in a low terminal the facts above them too.
 */

export type CleanUpLine =
	| {readonly parts: readonly Part[]}
	/** A key: whether it is reached, and its cells with their widths. */
	| {readonly index: number; readonly isReached: boolean; readonly cells: readonly Cell[]};

type Cell = readonly [text: string, columns: number, role: Part[1]];

export type CleanUpLayout = {
	/** Columns of a line. */
	readonly inner: number;
	/** Whether there is room for titles, for lines between the parts, and for each choice by itself. */
	readonly isRoomy: boolean;
	readonly fixed: readonly CleanUpLine[];
	/** What scrolls before the keys. */
	readonly above: readonly CleanUpLine[];
	readonly widths: Widths;
	/** Lines of those and of keys that fit, and which the first one may be at most. */
	readonly room: number;
	readonly lastOffset: number;
};

/** Keys that are in view at least where there is room for more than what must be. */
const fewKeys = 4;

export function cleanUpLayout(
	screen: CleanUpScreen,
	columns: number,
	rows: number,
	now: number,
): CleanUpLayout {
	const inner = columns - 2;
	const facts = factsOf(screen, now).flatMap(([text, tone]) =>
		wrap(text, inner - 2).map((line): CleanUpLine => ({parts: [['  '], [line, tone]]})),
	);
	const widths = widthsFor(inner);
	const told = screen.busyText === undefined && screen.problem === undefined ? 0 : 1;
	// The question, how much is shown, the choice, the reason, the word.
	const least = 5 + (screen.verb === 'revoke' ? 1 : 0) + told;
	const between = 3;
	const roomy = least + (screen.verbs.length - 1) + between + facts.length + 1;
	const isRoomy = rows >= roomy + Math.min(screen.keys.length, fewKeys);
	const above = isRoomy ? [] : facts;
	const room = Math.max(1, rows - (isRoomy ? roomy : least));
	return {
		inner,
		isRoomy,
		fixed: isRoomy ? [...facts, {parts: []}, titles(widths)].slice(facts.length > 0 ? 0 : 1) : [],
		above,
		widths,
		room,
		lastOffset: Math.max(0, above.length + screen.keys.length - room),
	};
}

/** What is shown of what scrolls, from a line of it on: of thousands of keys no other is looked at. */
export function linesInView(
	screen: CleanUpScreen,
	{above, widths, room}: CleanUpLayout,
	offset: number,
	now: number,
): CleanUpLine[] {
	const before = above.slice(offset, offset + room);
	const first = Math.max(0, offset - above.length);
	const keys = screen.keys.slice(first, first + room - before.length);
	return [...before, ...keys.map((key, at) => lineOf(screen, key, first + at, widths, now))];
}

type Widths = {name: number; used: number; maker: number; note: number};

/** Cells of a key; before them are the cursor and the mark, between them is a space. */
function widthsFor(inner: number): Widths {
	const note = inner < 74 ? 0 : 17;
	const maker = inner < 74 ? 15 : Math.min(30, 18 + Math.floor((inner - 74) / 4));
	const used = 11;
	const gaps = note === 0 ? 2 : 3;
	return {name: inner - 3 - used - maker - note - gaps, used, maker, note};
}

function titles({name, used, maker, note}: Widths): CleanUpLine {
	const texts = [
		['NAME', name],
		['LAST USED', used],
		['MADE BY', maker],
		...(note === 0 ? [] : [['NOTE', note] as const]),
	] as const;
	const line = texts.map(([text, columns]) => fit(text, columns)).join(' ');
	return {parts: [['   '], [line, 'heading']]};
}

function lineOf(
	screen: CleanUpScreen,
	key: MarkedKey,
	index: number,
	{name, used, maker, note}: Widths,
	now: number,
): CleanUpLine {
	const {dropped, verb, ofLeavers} = screen;
	const spared = dropped.has(key.id) ? 'dropped' : whySpared(key, verb, now);
	const isUsed = inUse(key, now);
	const why =
		spared ?? (isUsed ? 'in use' : isYoung(key, now) ? `made ${ago(key.created_at, now)}` : '');
	const role = spared === undefined ? 'plain' : 'dim';
	return {
		index,
		isReached: spared === undefined,
		cells: [
			[clean(key.name), name, role],
			[ago(key.last_used_at, now), used, isUsed && spared === undefined ? 'warning' : role],
			[makerText(key, maker, ofLeavers?.has(key.id) === true), maker, role],
			...(note === 0
				? []
				: [[why, note, isUsed && spared === undefined ? 'warning' : 'dim'] as const]),
		],
	};
}

const gone = ' (left)';

function makerText({creator}: MarkedKey, columns: number, hasLeft: boolean): string {
	const name = creator === null ? '-' : clean(creator.name);
	return hasLeft ? `${fit(name, columns - gone.length).trimEnd()}${gone}` : name;
}
