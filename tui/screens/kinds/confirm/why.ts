import type {Effect} from '../../../app/effect.ts';
import {stepped} from '../../../components/choosing.ts';
import {
	emptyField,
	reduceTextField,
	type TextAction,
	type TextField,
	textFieldKey,
} from '../../../components/text-field/state.ts';
import {commandFor, keymap} from '../../../keyboard/keymap.ts';

/* Why something is done, as part of the question: one of some reasons, and a note. */

export type Why = {
	/** The first one stands for none. */
	readonly reasons: readonly (readonly [reason: string, meaning: string])[];
	readonly at: number;
	readonly note: TextField;
	/** The note is typed in: letters are not an answer to the question. */
	readonly isNoting: boolean;
};

export function newWhy(meanings: Readonly<Record<string, string>>): Why {
	return {reasons: Object.entries(meanings), at: 0, note: emptyField, isNoting: false};
}

/** What a key does in it; undefined: it is for the question. */
export function whyKey(why: Why, key: string): Why | undefined {
	if (why.isNoting) {
		if (commandFor([keymap.note], key) === 'leaveNote') return {...why, isNoting: false};
		const action = textFieldKey(key);
		return action === undefined ? why : withNote(why, action);
	}
	switch (commandFor([keymap.why], key)) {
		case 'nextReason':
			return {...why, at: stepped(why.at, 1, why.reasons.length)};
		case 'previousReason':
			return {...why, at: stepped(why.at, -1, why.reasons.length)};
		case 'note':
			return {...why, isNoting: true};
		case undefined:
			return undefined;
	}
}

export function withNote(why: Why, action: TextAction): Why {
	return {...why, note: reduceTextField(why.note, action)};
}

/** As a query says it; undefined where nothing was given. */
export function whyQuery({reasons, at, note}: Why): Record<string, string> | undefined {
	const text = note.value.trim();
	const query = {
		...(at === 0 ? {} : {reason: reasons[at]?.[0] ?? ''}),
		...(text === '' ? {} : {note: text}),
	};
	return Object.keys(query).length === 0 ? undefined : query;
}

/** What is asked for, with why. */
export function because(act: Effect, why: Why | undefined): Effect {
	const query = why === undefined ? undefined : whyQuery(why);
	if (query === undefined) return act;
	if (act.do !== 'change') return act;
	return {...act, change: {...act.change, input: {...act.change.input, query}}};
}

/** The same of a suspension, which takes the note as its reason. */
export function noted(act: Effect, why: Why | undefined): Effect {
	const reason = why?.note.value.trim() ?? '';
	const isOne = act.do === 'change' && act.change.route === 'suspendKey';
	if (reason === '' || !isOne) return act;
	return {...act, change: {...act.change, input: {...act.change.input, body: {reason}}}};
}
