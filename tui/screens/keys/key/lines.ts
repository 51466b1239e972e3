import type {Model} from '../../../app/model.ts';
import {bodyRows, refusesKeys} from '../../../app/navigation.ts';
import {sideBySide} from '../../../components/beside.ts';
import {linesOf} from '../../../components/paragraphs.tsx';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {aroundLines, keyHalves} from './around.ts';
import {keyFacts} from './facts.ts';
import {limitLines} from './limit-lines.ts';
import {rotationLines} from '../rotate/lines.ts';
import type {KeyScreen} from './screen.ts';
import {keyOf} from './shown.ts';
import {usageLines, type UseGlyphs} from './usage.ts';

/** No wider than reads well. */
const widest = 100;

/** All that the screen of a key says, line by line; undefined where the key is gone. */
export function keyLines(
	screen: KeyScreen,
	model: Model,
	glyphs: UseGlyphs,
): (readonly Part[])[] | undefined {
	const key = keyOf(model, screen);
	if (key === undefined) return undefined;
	const halves = keyHalves(model);
	const columns = halves?.left ?? Math.min(model.size.columns - 2, widest);
	const {use, problem, limits: left} = screen;
	const limits = left === undefined ? [] : limitLines(left, model.now, glyphs.bars, columns);
	const facts = [
		[],
		...keyFacts(key, model.now, columns, {
			use,
			rotation: rotationLines(key, model, columns, screen.oldClients),
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
	if (halves !== undefined) {
		const size = {columns: halves.right, rows: bodyRows(model)};
		return sideBySide(lines, aroundLines(model, key.id, size), halves);
	}
	const below = {columns, rows: bodyRows(model) - lines.length};
	return [...lines, ...aroundLines(model, key.id, below)];
}

const remark = 'The key itself was shown once, when it was created; only its hash is kept.';

/** How many lines are seen, and the last one that can be the first. */
export function keyLayout(lines: number, model: Model): {room: number; lastOffset: number} {
	const rows = bodyRows(model);
	const room = lines > rows ? rows - 1 : rows;
	return {room, lastOffset: Math.max(0, lines - room)};
}
