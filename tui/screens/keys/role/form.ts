import {isDeepStrictEqual} from 'node:util';
import {
	createKeyRoleRequest,
	updateKeyRoleRequest,
	type KeyRole,
} from '../../../../contract/key-roles.ts';
import {goBy} from '../../../api-keys/roles.ts';
import {scopes} from '../../../api-keys/scopes.ts';
import {changeOf, type RoleAsRead} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {push, setTop} from '../../../app/navigation.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import {meanwhile} from '../../kinds/form/meanwhile.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';

const fields = [
	{name: 'name', label: 'Name'},
	{name: 'description', label: 'Description'},
	{name: 'scopes', label: 'Scopes'},
] as const;

type Texts = Readonly<Record<string, string>>;

export function newCreateKeyRoleScreen(): FormScreen {
	return {type: 'form', name: 'createKeyRole', form: formOf(fields)};
}

/** Opens the form with the role as it was read, on the screen that asked for it. */
export function openEditKeyRole(model: Model, read: RoleAsRead): Step {
	const texts = textsOf(read.role);
	const filled = fields.map((field) => {
		const initial = texts[field.name] ?? '';
		return {...field, value: fieldOf(initial), initial};
	});
	const {id} = read.role;
	return [push(model, {type: 'form', name: 'editKeyRole', form: formOf(filled), id, role: read})];
}

export const createKeyRoleForm: FormSpec = {
	title: 'new role',
	heading: ({organisation}) => `A new role for the keys of ${clean(organisation?.name ?? '')}`,
	advice:
		'Name it after what its keys are for, such as billing. A key that is given it may do what its scopes cover.',
	busyText: 'Creating the role …',
	validate: (texts) => faultsIn(texts, createKeyRoleRequest.safeParse(membersOf(texts))),
	notes: notesOn,
	act(texts, {organisation}) {
		const {data: body} = createKeyRoleRequest.safeParse(membersOf(texts));
		if (body === undefined || organisation === undefined) return undefined;
		return changeOf(
			'createKeyRole',
			{org_id: organisation.id, body},
			{done: `Created ${body.name}: no key has it yet`, reload: 'keyRoles'},
		);
	},
};

export const editKeyRoleForm: FormSpec = {
	title: 'change role',
	heading: (_model, {role: read}) =>
		read === undefined ? 'A role' : `Change ${clean(read.role.name)}: ${goBy(read.role.keys)}`,
	advice:
		'Other scopes are in force on every server when this is answered, for each key that has the role, and only if nobody else changed it meanwhile. A key keeps it whatever it is called.',
	busyText: 'Changing the role …',
	idle: 'Nothing was changed: the role is like this already.',
	validate: (texts) => faultsIn(texts, updateKeyRoleRequest.safeParse(membersOf(texts))),
	notes: notesOn,
	act(texts, {organisation}, {role: read}) {
		if (read === undefined || organisation === undefined) return undefined;
		const {role, tag} = read;
		const changed = Object.entries(membersOf(texts)).filter(
			([name, value]) => !isDeepStrictEqual(value, (role as Record<string, unknown>)[name]),
		);
		if (changed.length === 0) return undefined;
		const {data: body} = updateKeyRoleRequest.safeParse(Object.fromEntries(changed));
		if (body === undefined) return undefined;
		return changeOf(
			'updateKeyRole',
			{org_id: organisation.id, role_id: role.id, body, ifMatch: tag},
			{
				done: `Changed ${clean(body.name ?? role.name)}: in force`,
				tellsWhere: true,
				reload: 'keyRoles',
				missing: 'This role is gone',
				unknown:
					'It is not known whether it was changed. Press enter to ask again: you are told if it was.',
				stale: {do: 'readRoleToChange', organisation: organisation.id, id: role.id},
			},
		);
	},
	onAnswer(model, screen, event) {
		if (event.type !== 'roleReadToChange' || event.read.role.id !== screen.id) return undefined;
		const form = meanwhile(screen.form, textsOf(event.read.role), changedElsewhere);
		return [setTop(model, {...screen, role: event.read, form})];
	},
};

const changedElsewhere =
	'Somebody else changed this role meanwhile, and nothing was sent. What you typed is kept; Enter at the last field sends it over theirs.';

function textsOf({name, description, scopes: list}: KeyRole): Record<string, string> {
	const written = list.length === 0 ? 'none' : list.join(', ');
	return {name, description: description ?? '', scopes: written};
}

/** As a request has them; scopes that cannot be read are not there. */
function membersOf(texts: Texts): Record<string, unknown> {
	const description = texts['description']?.trim() ?? '';
	const reading = scopes.read(texts['scopes']?.trim() ?? '', 0);
	return {
		name: texts['name'],
		description: description === '' ? null : description,
		...('value' in reading ? {scopes: reading.value} : {}),
	};
}

function faultsIn(texts: Texts, parsed: Parameters<typeof problemsOf>[0]): Record<string, string> {
	const reading = scopes.read(texts['scopes']?.trim() ?? '', 0);
	return {...problemsOf(parsed), ...('problem' in reading ? {scopes: reading.problem} : {})};
}

function notesOn(texts: Texts): Record<string, string> {
	const reading = scopes.read(texts['scopes']?.trim() ?? '', 0);
	return {scopes: 'means' in reading ? reading.means : 'such as orders.read, invoices.*; or none'};
}
