import type {Role} from '../../../../contract/people.ts';
import {
	createServiceAccountRequest,
	serviceAccountRoles,
} from '../../../../contract/service-accounts.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import {roleMeanings} from '../../../people/roles.ts';

export function newCreateServiceAccountScreen(): FormScreen {
	return {
		type: 'form',
		name: 'createServiceAccount',
		form: formOf([
			{name: 'name', label: 'Name'},
			{name: 'role', label: 'Role', options: serviceAccountRoles, value: fieldOf('developer')},
		]),
	};
}

export const createServiceAccountForm: FormSpec = {
	title: 'new service account',
	heading: ({organisation}) => `A new service account of ${clean(organisation?.name ?? '')}`,
	advice:
		'Name it after the program that will act with it, such as deploy-bot. It cannot do anything until it has a client secret: enter, then n.',
	busyText: 'Creating the service account …',
	validate: (values) => problemsOf(createServiceAccountRequest.safeParse(values)),
	notes: ({role}) => ({role: roleMeanings[role as Role] ?? ''}),
	act(values, {organisation}) {
		const {data: body} = createServiceAccountRequest.safeParse(values);
		if (body === undefined || organisation === undefined) return undefined;
		return changeOf(
			'createServiceAccount',
			{org_id: organisation.id, body},
			{
				done: `Created ${clean(body.name)}. Press enter, then n, to make its secret`,
				reload: 'serviceAccounts',
			},
		);
	},
};
