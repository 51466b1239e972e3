import {createKeyRequest} from '../../../contract/keys.ts';
import {type CreateKeyScreen, type Model, pop, setTop, type Step} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {
	type FormAction,
	formKey,
	formOf,
	reduceForm,
	type Validate,
	valuesOf,
} from '../../components/form/state.ts';
import {commandFor} from '../../keymap.ts';
import {problemsOf} from '../problems.ts';

export function newCreateKeyScreen(): CreateKeyScreen {
	return {type: 'createKey', form: formOf([{name: 'name', label: 'Name'}])};
}

const validate: Validate = (values) => problemsOf(createKeyRequest.safeParse(values));

export const createKeyKind: ScreenKind<CreateKeyScreen> = {
	title: () => 'new key',
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

function act(model: Model, screen: CreateKeyScreen, action: FormAction | undefined): Step {
	if (action === undefined || model.organisation === undefined) return [model];
	const form = reduceForm(screen.form, action, validate);
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const {name = ''} = valuesOf(form);
	return [next, {do: 'createKey', organisation: model.organisation.id, name}];
}
