import {isDeepStrictEqual} from 'node:util';
import {routes} from '../../../../contract/routes.ts';
import {keymap} from '../../../keyboard/keymap.ts';
import type {Effect} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {pop, say, setTop} from '../../../app/navigation.ts';
import {type ScreenKind, unsent} from '../../../app/screen-kind.ts';
import {type FormAction, formKey, reduceForm, valuesOf} from '../../../components/form/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {newConfirmScreen} from '../confirm/state.ts';
import type {FormScreen} from './screen.ts';
import type {FormSpecs} from './spec.ts';

/** How forms behave, each as its spec says. */
export function formKind(specs: FormSpecs): ScreenKind<FormScreen> {
	return {
		title: ({name}) => specs[name].title,
		contexts: ({form}) =>
			form.parts === undefined
				? [keymap.form, keymap.cancel]
				: [keymap.parts, keymap.form, keymap.cancel],
		typing: () => true,
		view: async () => (await import('./form.tsx')).formView(specs),
		busy: ({form}) => form.busy,
		loses: ({form}) => unsent(form.busy),
		onKey(model, screen, key, now) {
			if (screen.form.busy) return [model];
			if (commandFor([keymap.cancel], key) === 'cancel') return [pop(model)];
			return act(model, screen, specs, formKey(key, screen.form), now);
		},
		onPaste: (model, screen, text, now) =>
			act(model, screen, specs, {type: 'text', action: {type: 'paste', text}}, now),
		onAnswer: (model, screen, event, heard) =>
			specs[screen.name].onAnswer?.(model, screen, event, heard),
		onFailure(model, screen, {effect, failure, problem}) {
			const field = specs[screen.name].faultyField?.(effect, failure) ?? failure.details.field;
			const form = reduceForm(screen.form, {type: 'refused', problem, field}, () => ({}));
			return setTop(model, {...screen, form});
		},
	};
}

function act(
	model: Model,
	screen: FormScreen,
	specs: FormSpecs,
	action: FormAction | undefined,
	now: number,
): Step {
	if (action === undefined) return [model];
	const spec = specs[screen.name];
	const form = reduceForm(screen.form, action, (values) => spec.validate(values, now, screen));
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const values = valuesOf(form);
	// Whether it was made is not known, perhaps: the same request again makes it once.
	if (isDeepStrictEqual(values, screen.sent?.values)) return [next, ...effectsOf(screen)];
	const effect = spec.act(values, {...model, now}, screen);
	if (effect === undefined)
		return [spec.idle === undefined ? model : say(pop(model), now, spec.idle)];
	if (spec.begins !== undefined) return [spec.begins(pop(model), effect, now), effect];
	const sent = isMadeOnce(effect) ? {sent: {values, effect}} : {};
	const question = spec.question?.(values, {...model, now}, screen);
	if (question === undefined) return [setTop(model, {...screen, form, ...sent}), effect];
	const back = {...screen, form: {...form, busy: false}};
	return [setTop(model, {...newConfirmScreen(question, effect), back, ...sent})];
}

function effectsOf({sent}: FormScreen): Effect[] {
	return sent === undefined ? [] : [sent.effect];
}

/** Whether the server makes what is asked for once, however often the same request comes. */
function isMadeOnce(effect: Effect): boolean {
	return effect.do === 'change' && 'idempotent' in routes[effect.change.route];
}
