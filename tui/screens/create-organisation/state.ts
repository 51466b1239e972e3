import {createOrganisationRequest, plans} from '../../../contract/organisations.ts';
import {
	type CreateOrganisationScreen,
	type Model,
	pop,
	setTop,
	type Step,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {
	type FormAction,
	formKey,
	formOf,
	reduceForm,
	type Validate,
	valuesOf,
} from '../../components/form/state.ts';
import {fieldOf} from '../../components/text-field/state.ts';
import {commandFor} from '../../keymap.ts';
import {problemsOf} from '../problems.ts';

export function newCreateOrganisationScreen(): CreateOrganisationScreen {
	const label = `Plan (${plans.join(', ')})`;
	return {
		type: 'createOrganisation',
		form: formOf([
			{name: 'name', label: 'Name'},
			{name: 'plan', label, value: fieldOf('team')},
		]),
	};
}

const validate: Validate = ({name, plan}) =>
	problemsOf(createOrganisationRequest.safeParse({name, plan: plan?.trim()}));

export const createOrganisationKind: ScreenKind<CreateOrganisationScreen> = {
	title: () => 'new organisation',
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

function act(model: Model, screen: CreateOrganisationScreen, action: FormAction | undefined): Step {
	if (action === undefined) return [model];
	const form = reduceForm(screen.form, action, validate);
	const next = setTop(model, {...screen, form});
	if (!form.busy || screen.form.busy) return [next];
	const {name = '', plan = ''} = valuesOf(form);
	return [next, {do: 'createOrganisation', name, plan: plan.trim()}];
}
