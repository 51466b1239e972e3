import {type Model, pop, type RevealScreen, say, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {emptyField, reduceTextField, textFieldKey} from '../../components/text-field/state.ts';
import {commandFor} from '../../keymap.ts';

/** How much of the end of the key must be typed to leave: proof that it was stored somewhere. */
export const proofLength = 4;

export type Secret = Pick<RevealScreen, 'secret' | 'what' | 'advice'>;

export function newRevealScreen({secret, what, advice}: Secret): RevealScreen {
	return {type: 'reveal', secret, what, advice, leaving: false, text: emptyField, wrong: false};
}

/**
 * A secret, once. Two stages: first only `c` and leaving are bound; then the last characters are
 * typed, where every letter is text (they may hold a `c`).
 */
export const revealKind: ScreenKind<RevealScreen> = {
	title: ({what}) => what,
	contexts: ({leaving}) => (leaving ? ['leave'] : ['reveal']),
	typing: () => true,
	onKey(model, screen, key, now) {
		if (screen.leaving) return leave(model, screen, key);
		switch (commandFor(['reveal'], key)) {
			case 'copy':
				return [
					say(
						model,
						now,
						'Sent to the terminal; in tmux this needs `set-clipboard on`. Check by pasting.',
					),
					{do: 'copy', text: screen.secret},
				];
			case 'leave':
				return [setTop(model, {...screen, leaving: true})];
			case undefined:
				return [model];
		}
	},
	onPaste(model, screen, text) {
		if (!screen.leaving) return [model];
		// Somebody who pastes the whole key has stored it.
		return typedText(model, screen, text.trim() === screen.secret ? proofOf(screen) : text.trim());
	},
};

function leave(model: Model, screen: RevealScreen, key: string): Step {
	switch (commandFor(['leave'], key)) {
		case 'stay':
			return [setTop(model, {...screen, leaving: false, text: emptyField, wrong: false})];
		case 'submit':
			return screen.text.value === proofOf(screen)
				? [pop(model)]
				: [setTop(model, {...screen, wrong: true, text: emptyField})];
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			return settle(model, {...screen, text: reduceTextField(screen.text, action), wrong: false});
		}
	}
}

function typedText(model: Model, screen: RevealScreen, text: string): Step {
	const field = reduceTextField(screen.text, {type: 'insert', text});
	return settle(model, {...screen, text: field, wrong: false});
}

/** The right characters are enough; nobody has to press enter too. */
function settle(model: Model, screen: RevealScreen): Step {
	return screen.text.value === proofOf(screen) ? [pop(model)] : [setTop(model, screen)];
}

function proofOf({secret}: RevealScreen): string {
	return secret.slice(-proofLength);
}
