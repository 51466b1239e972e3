import {keysLeftText} from '../../../api-keys/left.ts';
import type {TableName} from '../../../app/lists.ts';
import type {Answer, RowChange, RowWords} from '../../../app/effect.ts';
import {changing} from '../../../app/guards.ts';
import {load} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, push, say, top} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import type {Question} from '../confirm/screen.ts';
import {newConfirmScreen} from '../confirm/state.ts';
import {noMarks} from './marks.ts';

/* One change of all rows that are marked: what it reaches is said before, and what became of each after. */

type Several = {
	readonly rows: readonly RowChange[];
	/** What is said of each of the rows, in place of its name. */
	readonly tells?: readonly string[];
	readonly words: RowWords;
	/** What the button says, such as `Withdraw`. */
	readonly verb: string;
	/** What follows, the gravest last. */
	readonly facts: Question['facts'];
	/** How it is taken back, or why that need not be; without it their number is typed. */
	readonly undo?: string;
	/** Rows that are marked and left alone, and why. */
	readonly spared?: readonly {readonly count: number; readonly why: string}[];
};

/** How many of the rows are named in the question. */
const named = 8;

/** Asks before several rows are changed. */
export function startSeveral(
	model: Model,
	list: TableName,
	{rows, tells, words, verb, facts, undo, spared = []}: Several,
	now: number,
): Step {
	return changing(model, now, () => {
		const left = spared.filter(({count}) => count > 0);
		if (rows.length === 0) {
			const why = left.map((some) => some.why).join('; ');
			return [say(model, now, `None of the marked rows can be ${words.done}: ${why}`, 'warning')];
		}
		const counted = plural(rows.length, words.nouns);
		const more = rows.length - named;
		const question = newConfirmScreen(
			{
				name: 'changeSeveral',
				kept: `no ${words.nouns[0]} was ${words.done}`,
				title: verb.toLowerCase(),
				question: `${verb} ${counted}?`,
				facts: [
					...rows
						.slice(0, named)
						.map(({name}, index) => [clean(tells?.[index] ?? name), 'dim'] as const),
					...(more > 0 ? [[`and ${more.toLocaleString('en')} more`, 'dim'] as const] : []),
					['', 'plain'],
					...left.map(({count, why}) => [`${count} more marked: ${why}.`, 'warning'] as const),
					...facts,
				],
				verb,
				busyText: `${words.doing} …`,
				...(undo === undefined ? {word: `${verb.toLowerCase()} ${rows.length}`} : {undo}),
			},
			{do: 'changeRows', rows, words, reload: list},
		);
		return [push(model, question)];
	});
}

/** All of it in one sentence, or a list of what became of each. */
export function severalDone(
	model: Model,
	{of, outcomes, keysLeft}: Extract<Answer, {type: 'rowsChanged'}>,
	now: number,
): Step {
	const screen = top(model);
	const isAsked = screen.type === 'confirm' && screen.act === of;
	const shown = isAsked ? pop(model) : model;
	const screens = shown.screens.map((each) =>
		each.type === of.reload ? {...each, marks: noMarks} : each,
	);
	const {done, did, nouns} = of.words;
	const count = outcomes.filter(({outcome}) => outcome === 'done').length;
	// A read that is under way may have begun before the change.
	const list = {...shown[of.reload], loading: false};
	const known = {...shown, screens, [of.reload]: list};
	const left = keysLeft === 0 ? '' : ` · ${keysLeftText(keysLeft, ' they made')}: H lists them`;
	if (count === outcomes.length) {
		const tone = keysLeft === 0 ? 'good' : 'warning';
		return load(say(known, now, `${did} ${plural(count, nouns)}${left}`, tone), of.reload);
	}
	const some = `${did} ${count} of ${plural(outcomes.length, nouns)}${left}`;
	const told = say(known, now, some, 'warning');
	const each = outcomes.map(({item: {id, name}, outcome, ...detail}) => ({
		key: {id, name},
		outcome: outcome === 'done' ? done : outcome,
		...detail,
	}));
	return load(push(told, {type: 'outcomes', done, outcomes: each, offset: 0}), of.reload);
}
