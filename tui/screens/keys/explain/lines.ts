import {isDeepStrictEqual} from 'node:util';
import type {ExplainedCheck, KeyExplanation} from '../../../../contract/verification.ts';
import {checkTitles, detailOf, verdictOf} from '../../../api-keys/explanation.ts';
import type {Model} from '../../../app/model.ts';
import {bodyRows} from '../../../app/navigation.ts';
import {valuesOf} from '../../../components/form/state.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {width, wrap} from '../../../text/width.ts';
import type {Glyphs} from '../../../glyphs.ts';
import type {Role} from '../../../theme.ts';
import {limitLines} from '../key/limit-lines.ts';
import type {ExplainScreen} from './screen.ts';

type Signs = Pick<Glyphs, 'mark' | 'bars'>;

/** Rows of the fields: each is one, and the one that is typed in says below what it takes. */
export const fieldRows = 4;
const widest = 100;
/** From this many rows on the answer stands apart from the fields. */
const airFrom = 20;

const titleWidth = Math.max(...Object.values(checkTitles).map(width)) + 2;
const wordWidth = 'skipped'.length + 2;

const looks: Readonly<Record<ExplainedCheck['outcome'], Role>> = {
	pass: 'good',
	fail: 'bad',
	skipped: 'dim',
};

/** All that stands below the fields: how the asking stands, the verdict, each check, what is left. */
export function explainLines(screen: ExplainScreen, model: Model, signs: Signs): Part[][] {
	const columns = Math.min(model.size.columns - 2, widest);
	const {answer} = screen;
	const parts = [
		standing(screen, columns),
		...(answer === undefined ? [] : explained(answer.explanation, model.now, signs, columns)),
	].filter((some) => some.length > 0);
	const count = parts.reduce((sum, some) => sum + some.length, 0);
	// Empty lines give way to what there is to say.
	const isRoomy = count + parts.length <= bodyRows(model) - headRows(model);
	if (isRoomy) return parts.flatMap((some) => [[], ...some]);
	return bodyRows(model) < airFrom ? parts.flat() : [[], ...parts.flat()];
}

/** Rows above: what is asked, and the fields; on a low screen without an empty one. */
function headRows(model: Model): number {
	return fieldRows + 1 + (hasAir(model) ? 2 : 0);
}

/** Whether the screen is high enough for empty lines around the heading. */
export function hasAir(model: Model): boolean {
	return bodyRows(model) > 24;
}

/** How many lines are seen, and the last one that can be the first. */
export function explainLayout(screen: ExplainScreen, model: Model) {
	// However it is drawn, it takes as many lines.
	const lines = explainLines(screen, model, {mark: '+', bars: '........'}).length;
	const rows = bodyRows(model) - headRows(model);
	const room = Math.max(1, lines > rows ? rows - 1 : rows);
	return {room, lastOffset: Math.max(0, lines - room)};
}

function standing({asking, problem, answer, form}: ExplainScreen, columns: number): Part[][] {
	if (asking !== undefined) return [[['Asking …', 'dim']]];
	const told = (text: string, role: Role) =>
		wrap(text, columns).map((line): Part[] => [[line, role]]);
	if (problem !== undefined) {
		const before = answer === undefined ? '' : ' The answer below is an earlier one.';
		return told(
			`! Could not ask: ${clean(problem)}. Press enter to ask again.${before}`,
			'warning',
		);
	}
	if (answer === undefined || isDeepStrictEqual(answer.asked, valuesOf(form))) return [];
	return told('Press enter to ask about this; the answer below is an earlier one.', 'dim');
}

function explained(
	{valid, code, checks, ...limits}: KeyExplanation,
	now: number,
	{mark, bars}: Signs,
	columns: number,
): Part[][][] {
	const {verdict, answered} = verdictOf(code);
	const left = limitLines({reading: false, nextAt: 0, state: limits}, now, bars, columns);
	return [
		[
			[[`${valid ? mark : 'x'} ${verdict}`, valid ? 'good' : 'bad']],
			...(answered === undefined
				? []
				: wrap(`Whoever uses it gets ${answered}`, columns - 2).map((line): Part[] => [
						[`  ${line}`],
					])),
		],
		checks.flatMap((check) => checkLines(check, now, mark, columns)),
		limits.limits_source === null ? [] : left,
	];
}

function checkLines(check: ExplainedCheck, now: number, mark: string, columns: number): Part[][] {
	const {outcome} = check;
	const role = looks[outcome];
	const sign = {pass: mark, fail: 'x', skipped: '-'}[outcome];
	const indent = 2 + wordWidth + titleWidth;
	const text = clean(detailOf(check, now));
	return wrap(text, columns - indent).map((line, row): Part[] =>
		row > 0
			? [[' '.repeat(indent)], [line, role === 'bad' ? 'strong' : 'plain']]
			: [
					[`${sign} `, role],
					[outcome.padEnd(wordWidth), role],
					[checkTitles[check.check].padEnd(titleWidth), role === 'bad' ? 'strong' : 'plain'],
					[line, role === 'bad' ? 'strong' : role === 'dim' ? 'dim' : 'plain'],
				],
	);
}
