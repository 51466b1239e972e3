import {type ChoiceScreen, pop, setTop} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {commandFor} from '../../keymap.ts';

/** A choice with the cursor on what is so now. */
export function newChoiceScreen(
	choice: Pick<ChoiceScreen, 'title' | 'heading' | 'options'>,
): ChoiceScreen {
	const now = choice.options.findIndex(({act}) => act === undefined);
	return {type: 'choice', ...choice, choice: Math.max(0, now), busy: false};
}

export const choiceKind: ScreenKind<ChoiceScreen> = {
	title: ({title}) => title,
	contexts: () => ['choice', 'cancel'],
	typing: () => true,
	onKey(model, screen, key) {
		if (screen.busy) return [model];
		const {problem: _, ...rest} = screen;
		const count = screen.options.length;
		const move = (by: number) =>
			setTop(model, {...rest, choice: (screen.choice + by + count) % count});
		switch (commandFor(['choice', 'cancel'], key)) {
			case 'down':
				return [move(1)];
			case 'up':
				return [move(-1)];
			case 'cancel':
				return [pop(model)];
			case 'submit': {
				const act = screen.options[screen.choice]?.act;
				return act === undefined ? [pop(model)] : [setTop(model, {...rest, busy: true}), act];
			}
			case undefined:
				return [model];
		}
	},
};
