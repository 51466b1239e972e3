import type {FullKey} from '../../contract/keys.ts';
import {all, type Client} from '../client.ts';
import type {Items, ListName, Query} from './model.ts';

type From = {client: Client; org_id: string; query: Query | undefined};

/** Reads a list whole; `onPart` sees what has arrived so far, where it comes in pages. */
type Reader<Item> = (
	from: From,
	onPart: (items: readonly Item[]) => void,
) => Promise<readonly Item[]>;

/** Where each list comes from. */
export const readers: {readonly [List in ListName]: Reader<Items[List]>} = {
	keys: ({client, org_id}, onPart) => allKeys(client, org_id, onPart),
	sources: ({client, org_id}, onPart) => all(client, 'listSources', {organisation: org_id}, onPart),
	organisations: async ({client}) => (await client.call('listOrganisations', {})).body,
	async members({client, org_id}) {
		const items = await all(client, 'listMembers', {org_id});
		return items.map((member) => ({...member, id: member.user_id}));
	},
	invitations: ({client, org_id}) => all(client, 'listInvitations', {org_id}),
	serviceAccounts: ({client, org_id}) => all(client, 'listServiceAccounts', {org_id}),
	clientSecrets: ({client, org_id, query}) =>
		all(client, 'listClientSecrets', {org_id, id: query?.['id'] ?? ''}),
	users: ({client}) => all(client, 'listUsers', {}),
	sessions: ({client}) => all(client, 'listSessions', {}),
	userSessions: ({client, query}) =>
		all(client, 'listUserSessions', {user_id: query?.['user_id'] ?? ''}),
	async audit({client, org_id, query}) {
		const {body} = await client.call('listAudit', {org_id, query: {limit: '200', ...query}});
		return body.map((entry) => ({...entry, id: String(entry.sequence)}));
	},
	webhooks: async ({client, org_id}) => (await client.call('listWebhooks', {org_id})).body,
	async deliveries({client, org_id, query}) {
		return (await client.call('listDeliveries', {org_id, query: {limit: '200', ...query}})).body;
	},
};

async function allKeys(
	client: Client,
	org_id: string,
	onPart: (items: readonly FullKey[]) => void,
): Promise<readonly FullKey[]> {
	// `view=full` is answered with full keys; the route's type also has the published ones.
	const keys = await all(client, 'listKeys', {org_id, query: {view: 'full'}}, (some) =>
		onPart(some as readonly FullKey[]),
	);
	return keys as readonly FullKey[];
}
