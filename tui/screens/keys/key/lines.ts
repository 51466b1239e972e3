import type {Model} from '../../../app/model.ts';
import {bodyRows, refusesKeys} from '../../../app/navigation.ts';
import {linesOf} from '../../../components/paragraphs.tsx';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {width} from '../../../text/width.ts';
import {aroundLines} from './around.ts';
import {keyFacts} from './facts.ts';
import {limitLines} from './limit-lines.ts';
import {rotationLines} from '../rotate/lines.ts';
import type {KeyScreen} from './screen.ts';
import {keyOf} from './shown.ts';
import {usageLines, type UseGlyphs} from './usage.ts';

const [narrow, widest] = [84, 100];

/** All that the screen of a key says, line by line; undefined where the key is gone. */
export function keyLines(screen: KeyScreen, model: Model, glyphs: UseGlyphs): Part[][] | undefined {
	const key = keyOf(model, screen);
	if (key === undefined) return undefined;
	const columns = factsWidth(model);
	const {use, problem, limits: left} = screen;
	const limits = left === undefined ? [] : limitLines(left, model.now, glyphs.bars, columns);
	const facts = [
		[],
		...keyFacts(key, model.now, columns, {
			use,
			rotation: rotationLines(key, model, screen.oldClients),
			limits,
			byPlan: refusesKeys(model),
		}),
		[],
	];
	const notes: Part[][] = [
		...(problem === undefined
			? []
			: [[[`! Its use could not be read: ${clean(problem)}`, 'warning'] as const]]),
		...linesOf(['', [remark, 'dim']], columns).map((part) => [
			[part[0].slice(1), part[1]] as const,
		]),
	];
	const rows = bodyRows(model) - facts.length - notes.length;
	const lines = [
		...facts,
		...(use === undefined ? [] : usageLines(use, glyphs, {columns, rows})),
		...notes,
	];
	const beside = model.size.columns - 2 - columns - gap;
	if (beside >= leastBeside) {
		const size = {columns: Math.min(beside, widest), rows: bodyRows(model)};
		return sideBySide(lines, aroundLines(model, key.id, size), columns + gap);
	}
	const below = {columns, rows: bodyRows(model) - lines.length};
	return [...lines, ...aroundLines(model, key.id, below)];
}

/** Where there is room for more beside them, facts are no wider than they need. */
function factsWidth({size}: Model): number {
	const all = size.columns - 2;
	return all >= narrow + gap + leastBeside
		? Math.max(narrow, Math.min(widest, all - gap - widest))
		: Math.min(all, widest);
}

/** Columns between two halves, and what the right one has at least. */
const [gap, leastBeside] = [4, 40];

function sideBySide(left: Part[][], right: Part[][], leftWidth: number): Part[][] {
	return Array.from({length: Math.max(left.length, right.length)}, (_, row): Part[] => {
		const [begins = [], goesOn] = [left[row], right[row]];
		if (goesOn === undefined) return begins;
		const used = begins.reduce((sum, [text]) => sum + width(text), 0);
		return [...begins, [' '.repeat(Math.max(0, leftWidth - used))], ...goesOn];
	});
}

const remark = 'The key itself was shown once, when it was created; only its hash is kept.';

/** How many lines are seen, and the last one that can be the first. */
export function keyLayout(lines: number, model: Model): {room: number; lastOffset: number} {
	const rows = bodyRows(model);
	const room = lines > rows ? rows - 1 : rows;
	return {room, lastOffset: Math.max(0, lines - room)};
}
