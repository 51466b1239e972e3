import {type FormScreen, type Model, pop, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {type FormAction, formKey, reduceForm, valuesOf} from '../../components/form/state.ts';
import {commandFor} from '../../keymap.ts';
import {formSpecs} from './specs.ts';

export const formKind: ScreenKind<FormScreen> = {
	title: ({name}) => formSpecs[name].title,
	contexts: () => ['form', 'cancel'],
	typing: () => true,
	onKey(model, screen, key) {
		if (screen.form.busy) return [model];
		if (commandFor(['cancel'], key) === 'cancel') return [pop(model)];
		return act(model, screen, formKey(key));
	},
	onPaste: (model, screen, text) =>
		act(model, screen, {type: 'text', action: {type: 'insert', text}}),
};

function act(model: Model, screen: FormScreen, action: FormAction | undefined): Step {
	if (action === undefined) return [model];
	const spec = formSpecs[screen.name];
	const form = reduceForm(screen.form, action, spec.validate);
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const effect = spec.act(valuesOf(form), model, screen.id);
	return effect === undefined ? [model] : [next, effect];
}
