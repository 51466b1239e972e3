import type {Key} from '../../../contract/keys.ts';
import {type Model, pop, type RevokeScreen, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {emptyField, reduceTextField, textFieldKey} from '../../components/text-field/state.ts';
import {confirmation, inUse} from '../../key-use.ts';
import {commandFor} from '../../keymap.ts';

/** Keys typed before a person can have read the question are not an answer to it, ms. */
const deaf = 250;

export function newRevokeScreen(key: Key, now: number): RevokeScreen {
	return {
		type: 'revoke',
		key,
		openedAt: now,
		...(inUse(key, now) ? {word: confirmation(key)} : {}),
		text: emptyField,
		button: 'cancel',
		busy: false,
	};
}

/** Whether what was typed lets the button be pressed. */
export function armed({word, text}: RevokeScreen): boolean {
	return word === undefined || text.value.normalize() === word.normalize();
}

export const revokeKind: ScreenKind<RevokeScreen> = {
	title: () => 'revoke',
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

function answer(model: Model, screen: RevokeScreen, key: string): Step {
	switch (commandFor(['yesOrNo'], key)) {
		case 'yes':
			return revoke(model, screen);
		case 'no':
			return [pop(model)];
		case undefined:
			return [model];
	}
}

function type(model: Model, screen: RevokeScreen, key: string): Step {
	switch (commandFor(['typedConfirm'], key)) {
		case 'cancel':
			return [pop(model)];
		case 'other': {
			const button = screen.button === 'cancel' && armed(screen) ? 'revoke' : 'cancel';
			return [setTop(model, {...screen, button})];
		}
		case 'press':
			if (screen.button === 'cancel') return [pop(model)];
			return armed(screen) ? revoke(model, screen) : [model];
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			// A changed name takes the mark off Revoke again.
			return [
				setTop(model, {...screen, text: reduceTextField(screen.text, action), button: 'cancel'}),
			];
		}
	}
}

function revoke(model: Model, screen: RevokeScreen): Step {
	if (model.organisation === undefined) return [model];
	const {problem: _, ...rest} = screen;
	return [
		setTop(model, {...rest, busy: true}),
		{do: 'revokeKey', organisation: model.organisation.id, key: screen.key},
	];
}
