import {isDeepStrictEqual} from 'node:util';
import type {Answer, Effect, Event} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, setTop} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {type FormAction, reduceForm} from '../../../components/form/state.ts';
import {scrolled} from '../../../components/scroll.ts';
import {textFieldKey} from '../../../components/text-field/state.ts';
import {reasonOf, type Failure} from '../../../failure.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {askWhy, validateUse} from './ask.ts';
import {explainBindings} from './bindings.ts';
import {explainLayout} from './lines.ts';
import type {ExplainScreen} from './screen.ts';

const contexts = [explainBindings] as const;

type Asked = Extract<Effect, {do: 'explainKey'}>;

/** Whether a use of a key would be accepted, and if not, why. */
export const explainKind: ScreenKind<ExplainScreen> = {
	title: () => 'explain',
	contexts: () => contexts,
	typing: () => true,
	view: async () => (await import('./explain.tsx')).ExplainView,
	onKey(model, screen, key) {
		const command = commandFor(contexts, key);
		switch (command) {
			case 'cancel':
				return [pop(model)];
			case 'ask':
				return askWhy(model, screen);
			case 'next':
				return edit(model, screen, {type: 'focus', by: 1});
			case 'previous':
				return edit(model, screen, {type: 'focus', by: -1});
			case 'pageDown':
			case 'pageUp': {
				const layout = explainLayout(screen, model);
				const from = Math.min(screen.offset ?? 0, layout.lastOffset);
				return [setTop(model, {...screen, offset: scrolled(from, command, layout)})];
			}
			case undefined: {
				const action = textFieldKey(key);
				return action === undefined ? [model] : edit(model, screen, {type: 'text', action});
			}
		}
	},
	onPaste: (model, screen, text) =>
		edit(model, screen, {type: 'text', action: {type: 'paste', text}}),
	refresh: askWhy,
	hear,
};

function edit(model: Model, screen: ExplainScreen, action: FormAction): Step {
	return [setTop(model, {...screen, form: reduceForm(screen.form, action, validateUse)})];
}

/** The answer to what was asked last, or why there is none. */
function hear(
	screen: ExplainScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
): ExplainScreen {
	const {asking, problem: _, ...rest} = screen;
	const isAwaited = ({id, use}: Pick<Asked, 'id' | 'use'>) =>
		id === screen.id && isDeepStrictEqual(use, asking);
	if (event.type === 'keyExplained' && isAwaited(event)) {
		const {use: asked, explanation} = event;
		return {...rest, answer: {asked, explanation}, offset: 0};
	}
	if (event.type !== 'failed' || event.effect.do !== 'explainKey') return screen;
	return isAwaited(event.effect) ? failed(rest, event.failure) : screen;
}

function failed(screen: ExplainScreen, failure: Failure): ExplainScreen {
	const {field, status} = failure.details;
	const problem = reasonOf(failure);
	if (screen.form.fields.some(({name}) => name === field)) {
		const form = reduceForm(screen.form, {type: 'refused', problem, field}, validateUse);
		return {...screen, form};
	}
	if (status !== 404) return {...screen, problem};
	// What was said of it before holds no more.
	const {answer: _, ...rest} = screen;
	return {...rest, problem: `${problem}. It was deleted, or belongs to another organisation`};
}
