import {
	type ConfirmScreen,
	type Effect,
	type Model,
	pop,
	setTop,
	type Step,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {emptyField, reduceTextField, textFieldKey} from '../../components/text-field/state.ts';
import {commandFor} from '../../keymap.ts';

/** Keys typed before a person can have read the question are not an answer to it, ms. */
const deaf = 250;

type Question = Pick<
	ConfirmScreen,
	'title' | 'question' | 'facts' | 'verb' | 'busyText' | 'word' | 'wordIs' | 'ask'
>;

export function newConfirmScreen(question: Question, act: Effect, now: number): ConfirmScreen {
	return {
		type: 'confirm',
		...question,
		act,
		openedAt: now,
		text: emptyField,
		button: 'cancel',
		busy: false,
	};
}

/** Whether what was typed lets the button be pressed. */
export function armed({word, text}: ConfirmScreen): boolean {
	return word === undefined || text.value.normalize() === word.normalize();
}

export const confirmKind: ScreenKind<ConfirmScreen> = {
	title: ({title}) => title,
	contexts: ({word}) => (word === undefined ? ['yesOrNo'] : ['typedConfirm']),
	typing: () => true,
	onKey(model, screen, key, now) {
		if (screen.busy || now - screen.openedAt < deaf) return [model];
		return screen.word === undefined ? answer(model, screen, key) : type(model, screen, key);
	},
	onPaste(model, screen, text, now) {
		if (screen.busy || screen.word === undefined || now - screen.openedAt < deaf) return [model];
		const field = reduceTextField(screen.text, {type: 'insert', text: text.trim()});
		return [setTop(model, {...screen, text: field})];
	},
};

function answer(model: Model, screen: ConfirmScreen, key: string): Step {
	switch (commandFor(['yesOrNo'], key)) {
		case 'yes':
			return go(model, screen);
		case 'no':
			return [pop(model)];
		case undefined:
			return [model];
	}
}

function type(model: Model, screen: ConfirmScreen, key: string): Step {
	switch (commandFor(['typedConfirm'], key)) {
		case 'cancel':
			return [pop(model)];
		case 'other': {
			const button = screen.button === 'cancel' && armed(screen) ? 'confirm' : 'cancel';
			return [setTop(model, {...screen, button})];
		}
		case 'press':
			if (screen.button === 'cancel') return [pop(model)];
			return armed(screen) ? go(model, screen) : [model];
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			// A changed word takes the mark off the button again.
			return [
				setTop(model, {...screen, text: reduceTextField(screen.text, action), button: 'cancel'}),
			];
		}
	}
}

function go(model: Model, screen: ConfirmScreen): Step {
	const {problem: _, ...rest} = screen;
	return [setTop(model, {...rest, busy: true}), screen.act];
}
