import {createSourceRequest, type Source} from '../../../../contract/sources.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';

const fields = [
	{name: 'name', label: 'Name'},
	{name: 'type', label: 'Type'},
] as const;

const advice = 'The type is a word of your choice for the kind of source, such as webhook.';

export function newCreateSourceScreen(): FormScreen {
	return {type: 'form', name: 'createSource', form: formOf(fields)};
}

export function newUpdateSourceScreen({id, name, type}: Source): FormScreen {
	const [nameField, typeField] = fields;
	const form = formOf([
		{...nameField, value: fieldOf(name)},
		{...typeField, value: fieldOf(type)},
	]);
	return {type: 'form', name: 'updateSource', form, id};
}

export const createSourceForm: FormSpec = {
	title: 'new source',
	heading: ({organisation}) => `A new source for ${clean(organisation?.name ?? '')}`,
	advice,
	busyText: 'Creating the source …',
	validate: (values) => problemsOf(createSourceRequest.safeParse(values)),
	act(values, {organisation}) {
		const {data: body} = createSourceRequest.safeParse(values);
		if (body === undefined) return undefined;
		return changeOf(
			'createSource',
			{organisation: organisation?.id, body},
			{done: `Created ${clean(body.name)}`, reload: 'sources', adds: {}},
		);
	},
};

export const updateSourceForm: FormSpec = {
	title: 'change source',
	heading: ({organisation}) => `Change a source of ${clean(organisation?.name ?? '')}`,
	advice,
	busyText: 'Changing the source …',
	validate: (values) => problemsOf(createSourceRequest.safeParse(values)),
	act(values, {organisation}, {id}) {
		const {data: body} = createSourceRequest.safeParse(values);
		if (body === undefined || id === undefined) return undefined;
		return changeOf(
			'updateSource',
			{organisation: organisation?.id, id, body},
			{done: `Changed ${clean(body.name)}`, reload: 'sources'},
		);
	},
};
