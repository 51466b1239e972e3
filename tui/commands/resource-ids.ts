import type {Endpoint} from '../../contract/webhooks.ts';
import type {Client} from '../client/client.ts';
import {pages} from '../client/pages.ts';
import {isId, type NamedWords, theOneNamed} from './named.ts';

/* What a command is about may be given by what people call it; the API knows it by its id. */

/** How each is given. */
export const namedPlace = 'ID|NAME';
export const webhookPlace = 'ID|URL';
export const invitationPlace = 'ID|EMAIL';

type Named = {readonly id: string; readonly name: string};

async function idIn<Item>(
	wanted: string,
	list: AsyncIterable<{body: readonly Item[]}>,
	named: (item: Item) => Named,
	words: NamedWords,
): Promise<string> {
	if (isId(wanted)) return wanted.toLowerCase();
	const items: Named[] = [];
	for await (const {body} of list) items.push(...body.map(named));
	return theOneNamed(items, wanted, words);
}

/** The id of a source, by that or by its name. @throws {Failure} as `theOneNamed` */
export function findSourceId(
	client: Client,
	organisation: string | undefined,
	wanted: string,
): Promise<string> {
	return idIn(wanted, pages(client, 'listSources', {organisation}), (source) => source, {
		one: 'source',
		many: 'sources',
		code: 'source_not_found',
		list: 'latchkey sources list',
	});
}

/** The id of a service account, by that or by its name. @throws {Failure} as `theOneNamed` */
export function findServiceAccountId(
	client: Client,
	org_id: string,
	wanted: string,
): Promise<string> {
	const accounts = pages(client, 'listServiceAccounts', {org_id});
	return idIn(wanted, accounts, (account) => account, {
		one: 'service account',
		many: 'service accounts',
		code: 'service_account_not_found',
		list: 'latchkey service-accounts list',
	});
}

/** The id of an open invitation, by that or by whom it invites. @throws {Failure} as `theOneNamed` */
export function findInvitationId(client: Client, org_id: string, wanted: string): Promise<string> {
	const invitations = pages(client, 'listInvitations', {org_id});
	return idIn(wanted, invitations, ({id, email: name}) => ({id, name}), {
		one: 'open invitation',
		many: 'open invitations',
		called: ['is for', 'are for'],
		code: 'invitation_not_found',
		list: 'latchkey invitations list',
	});
}

/**
 * The id of a webhook endpoint, by that, by its URL, or by a part of the name of its host.
 *
 * @throws {Failure} as `theOneNamed`
 */
export async function findWebhookId(
	client: Client,
	org_id: string,
	wanted: string,
): Promise<string> {
	if (isId(wanted)) return wanted.toLowerCase();
	const {body: endpoints} = await client.call('listWebhooks', {org_id});
	const found = [isExactly, isAt, isPartly]
		.map((rule) => endpoints.filter(({url}) => rule(url, wanted.toLowerCase())))
		.find((some) => some.length > 0);
	const named = (found ?? []).map(({id}: Endpoint): Named => ({id, name: wanted}));
	return theOneNamed(named, wanted, {
		one: 'webhook',
		many: 'webhooks',
		called: ['goes to', 'go to'],
		code: 'webhook_not_found',
		list: 'latchkey webhooks list',
	});
}

function isExactly(url: string, wanted: string): boolean {
	return url.toLowerCase() === wanted;
}

function isAt(url: string, wanted: string): boolean {
	const {host, hostname} = new URL(url);
	return host === wanted || hostname === wanted;
}

function isPartly(url: string, wanted: string): boolean {
	return new URL(url).host.includes(wanted);
}
