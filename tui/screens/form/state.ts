import {type FormScreen, type Model, pop, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {type FormAction, formKey, reduceForm, valuesOf} from '../../components/form/state.ts';
import {commandFor} from '../../keymap.ts';
import {formSpecs} from './specs.ts';

export const formKind: ScreenKind<FormScreen> = {
	title: ({name}) => formSpecs[name].title,
	contexts: () => ['form', 'cancel'],
	typing: () => true,
	onKey(model, screen, key, now) {
		if (screen.form.busy) return [model];
		if (commandFor(['cancel'], key) === 'cancel') return [pop(model)];
		return act(model, screen, formKey(key), now);
	},
	onPaste: (model, screen, text, now) =>
		act(model, screen, {type: 'text', action: {type: 'insert', text}}, now),
};

function act(model: Model, screen: FormScreen, action: FormAction | undefined, now: number): Step {
	if (action === undefined) return [model];
	const spec = formSpecs[screen.name];
	const form = reduceForm(screen.form, action, (values) => spec.validate(values, now));
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const effect = spec.act(valuesOf(form), {...model, now}, screen.id);
	return effect === undefined ? [model] : [next, effect];
}
