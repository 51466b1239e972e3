import {keymap} from '../../../keyboard/keymap.ts';
import {cancel, say, setTop} from '../../../app/navigation.ts';
import {armed, type ConfirmScreen, type Question} from './screen.ts';
import type {Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {type ScreenKind, unsent} from '../../../app/screen-kind.ts';
import {
	emptyField,
	reduceTextField,
	type TextField,
	textFieldKey,
} from '../../../components/text-field/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {because, whyKey, withNote} from './why.ts';

/** Keys typed before a person can have read the question are not an answer to it, ms. */
const deaf = 250;

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

/** Takes up in a question what has been read for it, or done so far. */
type Hear = NonNullable<ScreenKind<ConfirmScreen>['hear']>;

/** How questions behave; `hears` are of those that go on changing while they are asked. */
export function confirmKind(...hears: readonly Hear[]): ScreenKind<ConfirmScreen> {
	return {
		...kind,
		hear: (screen, event, now) => hears.reduce((next, hear) => hear(next, event, now), screen),
	};
}

const kind: ScreenKind<ConfirmScreen> = {
	title: ({title}) => title,
	contexts({word, why}) {
		if (why?.isNoting === true) return [keymap.note];
		const asked = word === undefined ? keymap.yesOrNo : keymap.typedConfirm;
		return why === undefined ? [asked] : [asked, keymap.why];
	},
	typing: () => true,
	view: async () => (await import('./confirm.tsx')).ConfirmView,
	busy: ({busy}) => busy,
	loses: ({busy}) => unsent(busy),
	onFailure: (model, screen, {problem}) => setTop(model, {...screen, busy: false, problem}),
	onKey(model, screen, key, now) {
		if (screen.busy || now - screen.openedAt < deaf) return [model];
		const why = screen.why === undefined ? undefined : whyKey(screen.why, key);
		if (why !== undefined) return [setTop(model, {...screen, why})];
		return screen.word === undefined
			? answer(model, screen, key, now)
			: type(model, screen, key, now);
	},
	onPaste(model, screen, text, now) {
		if (screen.busy) return [model];
		if (screen.why?.isNoting === true) {
			return [setTop(model, {...screen, why: withNote(screen.why, {type: 'insert', text})})];
		}
		if (screen.word === undefined || now - screen.openedAt < deaf) return [model];
		const field = reduceTextField(screen.text, {type: 'insert', text: text.trim()});
		return [setTop(model, withText(screen, field))];
	},
};

function answer(model: Model, screen: ConfirmScreen, key: string, now: number): Step {
	switch (commandFor([keymap.yesOrNo], key)) {
		case 'yes':
			return go(model, screen);
		case 'no':
			return [leave(model, screen, now)];
		case undefined:
			return [model];
	}
}

function leave(model: Model, {back}: ConfirmScreen, now: number): Model {
	if (back === undefined) return cancel(model, now);
	return say(setTop(model, back), now, 'Nothing was sent, and what you typed is kept');
}

function type(model: Model, screen: ConfirmScreen, key: string, now: number): Step {
	switch (commandFor([keymap.typedConfirm], key)) {
		case 'cancel':
			return [leave(model, screen, now)];
		case 'other': {
			const button = screen.button === 'cancel' && armed(screen) ? 'confirm' : 'cancel';
			return [setTop(model, {...screen, button})];
		}
		case 'press':
			if (screen.button === 'confirm' && armed(screen)) return go(model, screen);
			// Whoever typed something wants it done: a typing error is not a wish to cancel.
			return screen.text.value === '' || armed(screen)
				? [leave(model, screen, now)]
				: [setTop(model, {...screen, problem: wrongWord(screen)})];
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			return [setTop(model, withText(screen, reduceTextField(screen.text, action)))];
		}
	}
}

/** The whole word selects the button, so that enter goes on; any other text deselects it. */
function withText(screen: ConfirmScreen, text: TextField): ConfirmScreen {
	const {problem: _, ...rest} = screen;
	const next: ConfirmScreen = {...rest, text};
	return {...next, button: armed(next) ? 'confirm' : 'cancel'};
}

function wrongWord({word = '', text}: ConfirmScreen): string {
	return `That is not ${word}, but ${text.value.trim()}. Nothing was done; esc cancels`;
}

function go(model: Model, screen: ConfirmScreen): Step {
	const {problem: _, ...rest} = screen;
	return [setTop(model, {...rest, busy: true}), because(screen.act, screen.why)];
}
