import {organisationsBindings} from './bindings.ts';
import {changing} from '../../../app/guards.ts';
import {copyId} from '../../../app/copy.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {enterOrganisation} from '../../../app/organisation.ts';
import {clean} from '../../../text/clean.ts';
import {date} from '../../../text/time.ts';
import {newCreateOrganisationScreen} from '../create/state.ts';
import type {ListSpec} from '../../kinds/list/spec.ts';
import {newPlanScreen} from '../plan/state.ts';
import {sortTime} from '../../../components/table/order.ts';

export const organisationsSpec: ListSpec<'organisations', typeof organisationsBindings> = {
	list: 'organisations',
	place: {
		name: 'organisations',
		command: 'showOrganisations',
		at: ({organisation}) => organisation?.id,
	},
	title: () => 'organisations',
	nouns: ['organisation', 'organisations'],
	context: organisationsBindings,
	columns: ({organisation}) => [
		{
			title: 'NAME',
			value: ({name}) => name,
			cell: ({name, id}) => [`${clean(name)}${id === organisation?.id ? ' (here)' : ''}`],
		},
		{
			title: 'PLAN',
			width: 8,
			value: ({plan}) => plan,
			cell: ({plan}) => [clean(plan), plan === 'team' ? 'dim' : 'warning'],
		},
		{
			title: 'CREATED',
			width: 10,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [date(created_at), 'dim'],
		},
		{title: 'ID', width: 36, from: 84, cell: ({id}) => [id, 'dim']},
	],
	empty: () => ['No organisations. Operators create one with n.'],
	unavailable: (model) => [
		...(canChange(model) && may(model, 'organisations:create')
			? []
			: (['createOrganisation'] as const)),
		...(canChange(model) && may(model, 'organisation:plan') ? [] : (['plan'] as const)),
	],
	run(model, organisation, command, now) {
		switch (command) {
			case 'choose':
				return organisation === undefined ? [model] : enterOrganisation(model, organisation);
			case 'createOrganisation':
				return changing(model, now, () =>
					may(model, 'organisations:create')
						? [push(model, newCreateOrganisationScreen())]
						: [say(model, now, 'Only operators create organisations', 'warning')],
				);
			case 'plan':
				if (organisation === undefined) return [model];
				return changing(model, now, () =>
					may(model, 'organisation:plan')
						? [push(model, newPlanScreen(organisation))]
						: [say(model, now, 'Only operators change plans', 'warning')],
				);
			case 'copy':
				return organisation === undefined ? [model] : copyId(model, organisation.id, now);
		}
	},
};
