import {keymap} from '../../../keyboard/keymap.ts';
import {copy} from '../../../app/copy.ts';
import {pop, setTop} from '../../../app/navigation.ts';
import {proofLength, type RevealScreen} from './screen.ts';
import type {Model, Step} from '../../../app/model.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {emptyField, reduceTextField, textFieldKey} from '../../../components/text-field/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';

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
	contexts: ({leaving}) => (leaving ? [keymap.leave] : [keymap.reveal]),
	typing: () => true,
	view: async () => (await import('./reveal.tsx')).RevealView,
	loses: () => 'This is not shown again.',
	onKey(model, screen, key, now) {
		if (screen.leaving) return leave(model, screen, key);
		switch (commandFor([keymap.reveal], key)) {
			case 'copy':
				return copy(model, now, 'it', screen.secret);
			case 'leave':
				return [setTop(model, {...screen, leaving: true})];
			case undefined:
				return [model];
		}
	},
	onPaste(model, screen, text) {
		if (!screen.leaving) return [model];
		// Whoever pastes the whole key has stored it.
		return typedText(model, screen, text.trim() === screen.secret ? proofOf(screen) : text.trim());
	},
};

function leave(model: Model, screen: RevealScreen, key: string): Step {
	switch (commandFor([keymap.leave], key)) {
		case 'stay':
			return [setTop(model, {...screen, leaving: false, text: emptyField, wrong: false})];
		case 'submit':
			return screen.text.value === proofOf(screen)
				? [pop(model)]
				: [setTop(model, {...screen, wrong: true, text: emptyField})];
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			return leaveOnceProven(model, {
				...screen,
				text: reduceTextField(screen.text, action),
				wrong: false,
			});
		}
	}
}

function typedText(model: Model, screen: RevealScreen, text: string): Step {
	const field = reduceTextField(screen.text, {type: 'insert', text});
	return leaveOnceProven(model, {...screen, text: field, wrong: false});
}

/** The right characters are enough; nobody has to press enter too. */
function leaveOnceProven(model: Model, screen: RevealScreen): Step {
	return screen.text.value === proofOf(screen) ? [pop(model)] : [setTop(model, screen)];
}

function proofOf({secret}: RevealScreen): string {
	return secret.slice(-proofLength);
}
