import {keymap} from '../../../keyboard/keymap.ts';
import {cancel, pop, say, setTop} from '../../../app/navigation.ts';
import type {ChoiceScreen} from './screen.ts';
import type {Step} from '../../../app/model.ts';
import {type ScreenKind, unsent} from '../../../app/screen-kind.ts';
import {stepped} from '../../../components/choosing.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {newConfirmScreen} from '../confirm/state.ts';

/** A choice with the cursor on the current value. */
export function newChoiceScreen(
	choice: Pick<ChoiceScreen, 'name' | 'title' | 'heading' | 'options' | 'kept'>,
): ChoiceScreen {
	const now = choice.options.findIndex(({act}) => act === undefined);
	return {type: 'choice', ...choice, choice: Math.max(0, now), busy: false};
}

type OnAnswer = NonNullable<ScreenKind<ChoiceScreen>['onAnswer']>;

/** How choices behave; `onAnswers` are of those whose answer is a screen. */
export function choiceKind(...onAnswers: readonly OnAnswer[]): ScreenKind<ChoiceScreen> {
	return {
		...kind,
		onAnswer(...given) {
			for (const onAnswer of onAnswers) {
				const step = onAnswer(...given);
				if (step !== undefined) return step;
			}
			return undefined;
		},
	};
}

const kind: ScreenKind<ChoiceScreen> = {
	title: ({title}) => title,
	contexts: () => [keymap.choice, keymap.cancel],
	typing: () => true,
	view: async () => (await import('./choice.tsx')).ChoiceView,
	busy: ({busy}) => busy,
	loses: ({busy}) => (busy ? unsent(busy) : undefined),
	onFailure: (model, screen, {problem}) => setTop(model, {...screen, busy: false, problem}),
	onKey(model, screen, key, now) {
		if (screen.busy) return [model];
		const {problem: _, ...rest} = screen;
		const move = (by: number) =>
			setTop(model, {...rest, choice: stepped(screen.choice, by, screen.options.length)});
		switch (commandFor([keymap.choice, keymap.cancel], key)) {
			case 'down':
				return [move(1)];
			case 'up':
				return [move(-1)];
			case 'cancel':
				return [cancel(model, now, screen.kept)];
			case 'submit': {
				const {act, question} = screen.options[screen.choice] ?? {};
				if (act === undefined)
					return [say(pop(model), now, 'Nothing to change: it is set to that already')];
				if (question === undefined) return [setTop(model, {...rest, busy: true}), act];
				// It replaces the choice: after an answer the screen below shows again.
				const {reads, ...asked} = question;
				const next: Step = [setTop(model, newConfirmScreen(asked, act))];
				return reads === undefined ? next : [...next, reads];
			}
			case undefined:
				return [model];
		}
	},
};
