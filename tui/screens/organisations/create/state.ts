import {createOrganisationRequest, plans} from '../../../../contract/organisations.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';

export function newCreateOrganisationScreen(): FormScreen {
	return {
		type: 'form',
		name: 'createOrganisation',
		form: formOf([
			{name: 'name', label: 'Name'},
			{name: 'plan', label: 'Plan', options: plans, value: fieldOf('team')},
		]),
	};
}

function parse({name, plan}: Readonly<Record<string, string>>) {
	return createOrganisationRequest.safeParse({name, plan});
}

export const createOrganisationForm: FormSpec = {
	title: 'new organisation',
	heading: () => 'A new organisation',
	advice: 'Only organisations on the team plan have API keys.',
	busyText: 'Creating the organisation …',
	validate: (values) => problemsOf(parse(values)),
	act(values) {
		const {data: body} = parse(values);
		if (body === undefined) return undefined;
		return changeOf(
			'createOrganisation',
			{body},
			{done: `Created ${clean(body.name)}`, reload: 'organisations', adds: {}},
		);
	},
};
