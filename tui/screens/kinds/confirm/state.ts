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
import {scrolledFacts} from './layout.ts';
import {because, noted, whyKey, withNote} from './why.ts';

export function newConfirmScreen(question: Question, act: Effect): ConfirmScreen {
	return {
		type: 'confirm',
		...question,
		act,
		text: emptyField,
		button: 'cancel',
		offset: 0,
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
	contexts(screen) {
		const {word, why} = screen;
		if (why?.isNoting === true) return [keymap.note];
		return [
			word === undefined ? keymap.enterConfirm : keymap.typedConfirm,
			...(why === undefined ? [] : [keymap.why]),
			keymap.facts,
		];
	},
	hints: ({verb, word, button, milder}) => {
		const presses = button === 'milder' ? milder?.verb : button === 'confirm' ? verb : undefined;
		if (word === undefined) return {yes: verb.toLowerCase()};
		return presses === undefined ? {} : {press: presses.toLowerCase()};
	},
	typing: () => true,
	view: async () => (await import('./confirm.tsx')).ConfirmView,
	busy: ({busy}) => busy,
	loses: ({busy}) => unsent(busy),
	onFailure: (model, screen, {problem}) => setTop(model, {...screen, busy: false, problem}),
	onKey(model, screen, key, now) {
		if (screen.busy) return [model];
		const why = screen.why === undefined ? undefined : whyKey(screen.why, key);
		if (why !== undefined) return [setTop(model, {...screen, why})];
		const command = commandFor([keymap.facts], key);
		if (command !== undefined) return [setTop(model, scrolledFacts(model, screen, command))];
		return screen.word === undefined
			? answer(model, screen, key, now)
			: type(model, screen, key, now);
	},
	onPaste(model, screen, text) {
		if (screen.busy) return [model];
		if (screen.why?.isNoting === true) {
			return [setTop(model, {...screen, why: withNote(screen.why, {type: 'insert', text})})];
		}
		if (screen.word === undefined) return [model];
		const field = reduceTextField(screen.text, {type: 'insert', text: text.trim()});
		return [setTop(model, withText(screen, field))];
	},
};

function answer(model: Model, screen: ConfirmScreen, key: string, now: number): Step {
	switch (commandFor([keymap.enterConfirm], key)) {
		case 'yes':
			return go(model, screen);
		case 'cancel':
			return [leave(model, screen, now)];
		case undefined:
			return [model];
	}
}

function leave(model: Model, {back, kept}: ConfirmScreen, now: number): Model {
	if (back === undefined) return cancel(model, now, kept);
	return say(setTop(model, back), now, 'Nothing was sent, and what you typed is kept');
}

function type(model: Model, screen: ConfirmScreen, key: string, now: number): Step {
	switch (commandFor([keymap.typedConfirm], key)) {
		case 'cancel':
			return [leave(model, screen, now)];
		case 'other':
			return [setTop(model, {...screen, button: otherButton(screen)})];
		case 'press':
			if (screen.button === 'milder' && screen.milder !== undefined) {
				return goMilder(model, screen, screen.milder);
			}
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

/** The next button that can be pressed; whoever began to type means what the word is for. */
function otherButton(screen: ConfirmScreen): ConfirmScreen['button'] {
	const buttons: ConfirmScreen['button'][] = [
		'cancel',
		...(screen.milder === undefined || screen.text.value !== '' ? [] : ['milder' as const]),
		...(armed(screen) ? ['confirm' as const] : []),
	];
	return buttons[(buttons.indexOf(screen.button) + 1) % buttons.length] ?? 'cancel';
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

function goMilder(
	model: Model,
	screen: ConfirmScreen,
	{act, busyText}: NonNullable<Question['milder']>,
): Step {
	const {problem: _, ...rest} = screen;
	return [setTop(model, {...rest, busyText, busy: true}), noted(act, screen.why)];
}
