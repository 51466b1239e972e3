import type * as z from 'zod';
import {eventTypeNames} from '../../../../contract/events.ts';
import {createEndpointRequest, type Endpoint} from '../../../../contract/webhooks.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {top} from '../../../app/navigation.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import {nameOf} from './names.ts';
import {howToVerify} from './verify.ts';

type Values = Readonly<Record<string, string>>;

export function newCreateWebhookScreen(): FormScreen {
	return {type: 'form', name: 'createWebhook', form: fieldsOf('https://', '', '')};
}

export function newEditWebhookScreen({id, url, description, event_types}: Endpoint): FormScreen {
	const form = fieldsOf(url, description ?? '', (event_types ?? []).join(' '));
	return {type: 'form', name: 'editWebhook', form, id};
}

function fieldsOf(url: string, description: string, types: string) {
	return formOf([
		{name: 'url', label: 'URL', value: fieldOf(url)},
		{name: 'description', label: 'Description', value: fieldOf(description)},
		{name: 'event_types', label: 'Event types', value: fieldOf(types)},
	]);
}

const advice = `The description may stay empty. Event types, separated by spaces, or nothing for all of them: ${eventTypeNames.join(' ')}`;

export const createWebhookForm: FormSpec = {
	title: 'new webhook',
	heading: () => 'A new webhook endpoint',
	advice,
	busyText: 'Looking up the address and creating it …',
	validate: (values) => problems(values),
	act(values, {organisation}) {
		const body = parse(values).data;
		if (body === undefined || organisation === undefined) return undefined;
		const name = nameOf(body);
		return changeOf(
			'createWebhook',
			{org_id: organisation.id, body},
			{
				done: `Created the endpoint ${name}`,
				reload: 'webhooks',
				reveal: {member: 'secret', what: `signing secret of ${name}`, advice: howToVerify},
			},
		);
	},
};

export const editWebhookForm: FormSpec = {
	title: 'edit webhook',
	heading(model) {
		const screen = top(model);
		const id = screen.type === 'form' ? screen.id : undefined;
		const endpoint = model.webhooks.items.find((item) => item.id === id);
		return `Change the endpoint ${endpoint === undefined ? '' : nameOf(endpoint)}`;
	},
	advice,
	busyText: 'Looking up the address and saving …',
	validate: (values) => problems(values),
	act(values, {organisation, webhooks}, {id}) {
		const before = webhooks.items.find((item) => item.id === id);
		const after = parse(values).data;
		if (after === undefined || organisation === undefined || id === undefined) return undefined;
		return changeOf(
			'updateWebhook',
			{org_id: organisation.id, webhook_id: id, body: changes(before, after)},
			{done: `Saved the endpoint ${nameOf(after)}`, reload: 'webhooks'},
		);
	},
};

type Wanted = z.output<typeof createEndpointRequest>;

/** An unchanged URL is left out: its network may have been closed since, and that is not the question. */
function changes(before: Endpoint | undefined, {url, ...rest}: Wanted): Partial<Wanted> {
	return url === before?.url ? rest : {url, ...rest};
}

function parse(values: Values) {
	const {url = '', description = ''} = values;
	const types = words(values);
	return createEndpointRequest.safeParse({
		url: url.trim(),
		description: description.trim() === '' ? null : description,
		event_types: types.length === 0 ? null : types,
	});
}

function words({event_types: text = ''}: Values): string[] {
	return text.split(/[\s,]+/u).filter((word) => word !== '');
}

/** As the contract words it, except that an unknown type is named. */
function problems(values: Values): Record<string, string> {
	const known: readonly string[] = eventTypeNames;
	const unknown = words(values).find((word) => !known.includes(word));
	return {
		...problemsOf(parse(values)),
		...(unknown === undefined ? {} : {event_types: `there is no event type ${unknown}`}),
	};
}
