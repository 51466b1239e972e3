import {kindOf} from './kinds.ts';
import {isTable} from './screens.ts';
import {freshnessOf, listOf} from './on-screens.ts';
import type {Model} from './model.ts';
import {top} from './navigation.ts';
import {clean} from '../text/clean.ts';
import {writeCount} from '../text/count.ts';
import {ordinal} from '../text/plural.ts';
import {clock} from '../text/time.ts';
import {width, wrap} from '../text/width.ts';
import {Line, type Part} from '../components/line.tsx';

/** One line: what just happened, or what is wrong, or the position in the list. */
export function Status({model}: {model: Model}) {
	const {link, size} = model;
	const right = standing(model);
	const said = saidOf(model);
	if (said !== undefined) {
		const [text, role] = said;
		const lines = linesOf(text, size.columns);
		const fits = lines.length === 1 && roomBeside(right, size.columns) >= width(text) + 1;
		return (
			<>
				{lines.map((line, index) => (
					<Line
						key={index}
						parts={[[` ${line}`, role]]}
						right={fits ? right : []}
						columns={size.columns}
					/>
				))}
			</>
		);
	}
	if (link.state === 'offline') {
		const next = link.probing ? 'trying now' : `next try ${clock(link.retryAt)}`;
		const text = ` OFFLINE since ${clock(link.since)}, ${next} (${ordinal(link.attempt)}): ${link.reason}`;
		return <Line parts={[[text, 'bad']]} right={right} columns={size.columns} />;
	}
	const {problem, status} = freshnessOf(top(model), model) ?? {};
	if (problem !== undefined && status !== 'failed') {
		const what = listOf(top(model)) === undefined ? 'this' : 'the list';
		const text = ` Could not read ${what} again: ${clean(problem)}. R tries now`;
		return <Line parts={[[text, 'bad']]} right={right} columns={size.columns} />;
	}
	return <Line parts={placeOf(model)} right={right} columns={size.columns} />;
}

/** Whether what is said takes the line of the hints, too, as long as it is said. */
export function isLong(model: Model): boolean {
	const [text] = saidOf(model) ?? [''];
	return linesOf(text, model.size.columns).length > 1;
}

/** What just happened, or else what the screen has to say of what is typed there. */
function saidOf(model: Model): Part | undefined {
	const {notice} = model;
	if (notice !== undefined) return [notice.text, notice.tone];
	const screen = top(model);
	return kindOf(screen).says?.(screen, model);
}

/** Two at most; the second one takes what is left. */
function linesOf(text: string, columns: number): string[] {
	const [first = '', ...rest] = wrap(text, columns - 2);
	return rest.length === 0 ? [first] : [first, rest.join(' ')];
}

function roomBeside(right: readonly Part[], columns: number): number {
	return columns - right.reduce((sum, [text]) => sum + width(text), 0) - 1;
}

/** When what is shown was read. */
function standing(model: Model): Part[] {
	const at = freshnessOf(top(model), model)?.loadedAt;
	if (at === undefined) return [];
	return [[`as of ${clock(at)} `, model.link.state === 'offline' ? 'warning' : 'dim']];
}

/** Where the cursor is, and what is to be said of that row. */
function placeOf(model: Model): Part[] {
	const screen = top(model);
	const note = kindOf(screen).note?.(screen, model);
	return [[` ${place(model)}  `, 'dim'], ...(note === undefined ? [] : [[note] as const])];
}

function place(model: Model): string {
	const screen = top(model);
	const count = (index: number, total: number) =>
		total === 0 ? '' : `row ${writeCount(index + 1)} of ${writeCount(total)}`;
	return isTable(screen) ? count(screen.table.index, screen.visible.length) : '';
}
