import {
	createKeyRoleRequest,
	updateKeyRoleRequest,
	type KeyRole,
} from '../../contract/key-roles.ts';
import {goBy} from '../api-keys/roles.ts';
import {scopes} from '../api-keys/scopes.ts';
import {all, pages} from '../client/pages.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {ago, moment} from '../text/time.ts';
import {answerChange, answerItem, type Column, listing, removal} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {checked, checkedChange, onlyArgument, textFlag, typedFlag} from './flags.ts';
import {answerExisting, existing, ifNotExistsOption} from './if-not-exists.ts';
import {organisationId} from './organisation.ts';
import {inForce} from './in-force.ts';

const columns: readonly Column<KeyRole>[] = [
	['id', ({id}) => id],
	['name', ({name}) => clean(name)],
	['scopes', ({scopes: list}) => list.join(', ') || 'none'],
	['keys', ({keys}) => String(keys)],
	['changed', ({updated_at}, now) => ago(updated_at, now)],
];

const facts: readonly Column<KeyRole>[] = [
	...columns.slice(0, 2),
	['description', ({description}) => clean(description ?? '')],
	...columns.slice(2, 3),
	['keys', ({keys}) => goBy(keys)],
	['created', ({created_at}) => moment(created_at)],
	['changed', ({updated_at}) => moment(updated_at)],
];

const members = {
	name: {type: 'string', value: 'NAME', help: 'what it is called, such as billing'},
	description: {type: 'string', value: 'TEXT', help: 'what it is for; empty for none'},
	scopes: {
		type: 'string',
		value: 'SCOPES',
		help: 'what its keys may be used for, such as orders.read,invoices.*, or none',
	},
} as const;

export const commands: readonly Command[] = [
	listing({
		path: ['roles', 'list'],
		summary: 'List the roles that keys of an organisation can have',
		options: organisationOption,
		columns,
		id: ({id}) => id,
		none: 'No roles. Make one with `latchkey roles create --name NAME --scopes SCOPES`.',
		async *pages(context, most) {
			yield* pages(context.client, 'listKeyRoles', {org_id: await organisationId(context)}, most);
		},
	}),
	{
		path: ['roles', 'show'],
		arguments: 'ROLE',
		summary: 'Show one role, by its name or id',
		options: organisationOption,
		async run(context) {
			const role = await findRole(context);
			return answerItem(context, role, {facts, id: role.id});
		},
	},
	{
		path: ['roles', 'create'],
		summary: 'Create a role',
		changes: true,
		options: {
			...organisationOption,
			name: {...members.name, required: true},
			description: members.description,
			scopes: {...members.scopes, required: true},
			...ifNotExistsOption,
		},
		async run(context) {
			const hint = 'latchkey roles create --name NAME --scopes SCOPES';
			const body = checked(createKeyRoleRequest, given(context), hint);
			const org_id = await organisationId(context);
			const lists = pages(context.client, 'listKeyRoles', {org_id});
			const before = await existing(context, lists, ({name}) => name === body.name);
			if (before !== undefined) return answerExisting(context, before, body.name);
			const {body: role} = await context.client.call('createKeyRole', {org_id, body});
			return answerChange(context, role, `Created ${clean(role.name)}`);
		},
	},
	{
		path: ['roles', 'update'],
		arguments: 'ROLE',
		summary: 'Change a role, and what the keys that have it may do',
		changes: true,
		options: {...organisationOption, ...members},
		async run(context) {
			const hint =
				'latchkey roles update ROLE [--name NAME] [--description TEXT] [--scopes SCOPES]';
			const body = checkedChange(updateKeyRoleRequest, given(context), hint);
			const {id: role_id} = await findRole(context);
			const org_id = await organisationId(context);
			const answer = await context.client.call('updateKeyRole', {org_id, role_id, body});
			const {body: role} = answer;
			const said = `Changed ${clean(role.name)} (${goBy(role.keys)}): in force`;
			return answerChange(context, role, `${said} ${inForce(answer)}`);
		},
	},
	removal({
		path: ['roles', 'delete'],
		arguments: 'ROLE',
		summary: 'Delete a role that no key has',
		options: organisationOption,
		doing: 'Deleting a role',
		question: async (context) => `Delete ${clean((await findRole(context)).name)}?`,
		async remove(context) {
			const {id: role_id, name} = await findRole(context);
			const org_id = await organisationId(context);
			const {body} = await context.client.call('deleteKeyRole', {org_id, role_id});
			return {document: body, said: `Deleted ${clean(name)}.`};
		},
	}),
];

function given(context: Context) {
	const {flags} = context;
	const description = textFlag(flags, 'description');
	return {
		name: textFlag(flags, 'name'),
		description: description === '' ? null : description,
		scopes: typedFlag(context, 'scopes', scopes),
	};
}

/** By its id, or by its name. @throws {Failure} */
async function findRole(context: Context): Promise<KeyRole> {
	const wanted = onlyArgument(context, 'role');
	const org_id = await organisationId(context);
	const roles = await all(context.client, 'listKeyRoles', {org_id});
	const role =
		roles.find(({id}) => id === wanted.toLowerCase()) ?? roles.find(({name}) => name === wanted);
	if (role === undefined) throw notFound(wanted);
	return role;
}

function notFound(wanted: string): Failure {
	const details = {status: 404, hint: '`latchkey roles list` has them.'};
	return new Failure('refused', `There is no role ${clean(wanted)}`, details);
}
