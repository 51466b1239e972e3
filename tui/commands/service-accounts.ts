import {
	type ClientSecret,
	createClientSecretRequest,
	createServiceAccountRequest,
	type ServiceAccount,
	serviceAccountRoles,
	updateServiceAccountRequest,
} from '../../contract/service-accounts.ts';
import {expiry} from '../api-keys/expiry.ts';
import {pages} from '../client/pages.ts';
import {Failure} from '../failure.ts';
import {powerfulRoles} from '../people/roles.ts';
import {clean} from '../text/clean.ts';
import {ago, date, moment} from '../text/time.ts';
import {answerChange, answerItem, type Column, listing, removal} from './answer.ts';
import {type Command, type Context, organisationOption, secretOption} from './command.ts';
import {answerExisting, existing, ifNotExistsOption} from './if-not-exists.ts';
import {checked, checkedChange, onlyArgument, typedFlag} from './flags.ts';
import {tellKeysLeft, withKeysLeft} from './keys-left.ts';
import {makingSecret} from './making-secret.ts';
import {organisationId} from './organisation.ts';
import {findServiceAccountId, namedPlace} from './resource-ids.ts';

const noun = 'service-accounts';
const what = 'service account';

const facts: readonly Column<ServiceAccount>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['role', ({role}) => role],
	['status', ({disabled}) => (disabled ? 'disabled' : 'active')],
	['created', ({created_at}) => moment(created_at)],
];

const members = {
	name: {type: 'string', value: 'NAME', help: 'what it is called'},
	role: {
		type: 'string',
		value: 'ROLE',
		choices: serviceAccountRoles,
		grave: powerfulRoles,
		help: 'what it may do',
	},
} as const;

/** A new one needs them all. */
const required = {
	name: {...members.name, required: true},
	role: {...members.role, required: true},
} as const;

export const commands: readonly Command[] = [
	listing({
		path: [noun, 'list'],
		summary: 'List the service accounts of an organisation',
		options: organisationOption,
		columns: [...facts.slice(0, 4), ['created', ({created_at}) => date(created_at)]],
		id: ({id}) => id,
		none: 'No service accounts.',
		async *pages(context, most) {
			const org_id = await organisationId(context);
			yield* pages(context.client, 'listServiceAccounts', {org_id}, most);
		},
	}),
	{
		path: [noun, 'show'],
		arguments: namedPlace,
		summary: 'Show one service account',
		options: organisationOption,
		async run(context) {
			const account = await find(context);
			return answerItem(context, account, {facts, id: account.id});
		},
	},
	{
		path: [noun, 'create'],
		summary: 'Create a service account; it needs a new-secret, too',
		changes: true,
		options: {...organisationOption, ...required, ...ifNotExistsOption},
		async run(context) {
			const {client, flags} = context;
			const given = {name: flags['name'], role: flags['role']};
			const hint = `latchkey ${noun} create --name NAME --role ROLE`;
			const body = checked(createServiceAccountRequest, given, hint);
			const org_id = await organisationId(context);
			const lists = pages(client, 'listServiceAccounts', {org_id});
			const before = await existing(context, lists, ({name}) => name === body.name);
			if (before !== undefined) return answerExisting(context, before, body.name);
			const {body: made} = await client.call('createServiceAccount', {org_id, body});
			return answerChange(context, made, `Created ${clean(made.name)}`);
		},
	},
	change('update', 'Change the name or role of a service account', 'is updated'),
	change('enable', 'Enable a service account again', 'is enabled', {disabled: false}),
	change('disable', 'Disable a service account, at once', 'is disabled', {disabled: true}),
	removal({
		path: [noun, 'delete'],
		arguments: namedPlace,
		summary: 'Delete a service account with its secrets',
		options: organisationOption,
		doing: 'Deleting a service account',
		question: async (context) =>
			`Delete ${clean((await find(context)).name)}? Its tokens stop working immediately.`,
		async remove(context) {
			const {org_id, id} = await placeOf(context);
			const {body: account} = await context.client.call('getServiceAccount', {org_id, id});
			const answer = await context.client.call('deleteServiceAccount', {org_id, id});
			return {
				document: withKeysLeft(answer.body, answer),
				said: `${answer.body.message}.`,
				afterwards: () => tellKeysLeft(context, answer, {id, name: account.name, org_id}),
			};
		},
	}),
	listing<ClientSecret>({
		path: [noun, 'secrets'],
		arguments: namedPlace,
		summary: 'List the secrets of a service account, never the secrets themselves',
		options: organisationOption,
		columns: [
			['id', ({id}) => id],
			['hint', ({hint}) => `…${hint}`],
			['last used', ({last_used_at}, now) => ago(last_used_at, now)],
			['expires', ({expires_at}) => (expires_at === null ? 'never' : moment(expires_at))],
			['created', ({created_at}) => date(created_at)],
		],
		id: ({id}) => id,
		none: `It has no secret. Make one with \`latchkey ${noun} new-secret ID\`.`,
		async *pages(context, most) {
			yield* pages(context.client, 'listClientSecrets', await placeOf(context), most);
		},
	}),
	{
		path: [noun, 'new-secret'],
		arguments: namedPlace,
		summary: 'Create a secret and print it once; the previous one keeps working',
		changes: true,
		options: {
			...organisationOption,
			expires: {
				type: 'string',
				value: 'TIME',
				read: expiry.read,
				help: 'when it ends, such as 90d, 2030-01-15 or 2030-01-15T10:30:00Z',
			},
			...secretOption,
		},
		async run(context) {
			const {client} = context;
			const given = {expires_at: typedFlag(context, 'expires', expiry)};
			const hint = `latchkey ${noun} new-secret ID|NAME [--expires 90d]`;
			const body = checked(createClientSecretRequest, given, hint);
			const {org_id, id} = await placeOf(context);
			return makingSecret(context, async () => {
				const {body: made} = await client.call('createClientSecret', {org_id, id, body});
				const said = `Created secret ${made.id}; revoke the previous one with \`latchkey ${noun} revoke-secret\`. This is the only time it is shown:`;
				return {
					document: made,
					secret: 'client_secret',
					id: made.id,
					said,
					async undo() {
						await client.call('revokeClientSecret', {org_id, id, secret_id: made.id});
						return 'it was revoked';
					},
					otherwise: `Revoke it: \`latchkey ${noun} revoke-secret ${id} ${made.id}\`.`,
				};
			});
		},
	},
	removal({
		path: [noun, 'revoke-secret'],
		arguments: 'ID|NAME SECRET',
		summary: 'Revoke a secret; tokens it was exchanged for stop working immediately',
		options: organisationOption,
		doing: 'Revoking a secret',
		question: (context) => `Revoke secret ${clean(accountAndSecret(context).secret_id)}?`,
		async remove(context) {
			const {client} = context;
			const {account, secret_id} = accountAndSecret(context);
			const org_id = await organisationId(context);
			const id = await findServiceAccountId(client, org_id, account);
			const {body} = await client.call('revokeClientSecret', {org_id, id, secret_id});
			return {document: body, said: `${body.message}.`};
		},
	}),
];

/** What changes a service account: by options, or to a state that the verb names. */
function change(verb: string, summary: string, said: string, state?: {disabled: boolean}): Command {
	return {
		path: [noun, verb],
		arguments: namedPlace,
		summary,
		changes: true,
		options: {...organisationOption, ...(state === undefined ? members : {})},
		async run(context) {
			const {client, flags} = context;
			const given = state ?? {name: flags['name'], role: flags['role']};
			const hint = `latchkey ${noun} update ID|NAME [--name NAME] [--role ROLE]`;
			const body = checkedChange(updateServiceAccountRequest, given, hint);
			const {org_id, id} = await placeOf(context);
			const answer = await client.call('updateServiceAccount', {org_id, id, body});
			const {body: account} = answer;
			const document = withKeysLeft(account, answer);
			const status = answerChange(context, document, `${clean(account.name)} ${said}`);
			await tellKeysLeft(context, answer, {id, name: account.name, org_id});
			return status;
		},
	};
}

async function find(context: Context): Promise<ServiceAccount> {
	return (await context.client.call('getServiceAccount', await placeOf(context))).body;
}

/** The service account that the one argument is for, and its organisation. @throws {Failure} */
async function placeOf(context: Context): Promise<{org_id: string; id: string}> {
	const wanted = onlyArgument(context, what);
	const org_id = await organisationId(context);
	return {org_id, id: await findServiceAccountId(context.client, org_id, wanted)};
}

/** @throws {Failure} usage */
function accountAndSecret({positionals}: Context): {account: string; secret_id: string} {
	const [account, secret_id, ...others] = positionals;
	if (account !== undefined && secret_id !== undefined && others.length === 0) {
		return {account, secret_id};
	}
	throw new Failure('usage', 'Which secret of which service account?', {
		hint: `latchkey ${noun} revoke-secret ID|NAME SECRET (see \`latchkey ${noun} secrets ID|NAME\`)`,
	});
}
