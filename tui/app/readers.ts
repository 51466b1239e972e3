import type {FullKey} from '../../contract/keys.ts';
import {all, type Answer, type Client} from '../client.ts';
import {Failure} from '../failure.ts';
import type {AuditList, HealthList, HealthReport, Items, ListName, Query} from './model.ts';
import type {Page} from './pages.ts';

type From = {client: Client; org_id: string; query: Query | undefined};

/** Reads a list whole; `onPart` sees what has arrived so far, where it comes in pages. */
type Reader<Item> = (
	from: From,
	onPart: (items: readonly Item[]) => void,
) => Promise<readonly Item[]>;

/** Lists without an end, of which no more is read than is looked at. */
type PagedName = AuditList | 'deliveries';
type WholeName = Exclude<ListName, PagedName>;

/** Reads the page at `cursor`, what came after a row, or else the first page. */
type PagedReader<Item> = (
	from: From & {cursor?: string | undefined; after?: string | undefined},
) => Promise<Page<Item>>;

export function isPaged(list: ListName): list is PagedName {
	return list in pagedReaders;
}

/** Where each list comes from. */
export const readers: {readonly [List in WholeName]: Reader<Items[List]>} = {
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
	async system({client}) {
		try {
			const {body: system} = await client.call('system', {});
			const {versions, dependencies} = system;
			return [{id: 'system', version: versions.latchkey, dependencies, system}];
		} catch (error) {
			// With PostgreSQL away nobody can be let in; how it is can be asked all the same.
			if (!(error instanceof Failure) || (error.details.status ?? 0) < 500) throw error;
			return [await readReadiness(client, 'system')];
		}
	},
	readiness: async ({client}) => [await readReadiness(client, 'readiness')],
	webhooks: async ({client, org_id}) => (await client.call('listWebhooks', {org_id})).body,
};

/** What everybody may ask, also where nothing else is answered. */
async function readReadiness(client: Client, id: HealthList): Promise<HealthReport> {
	const {version, dependencies} = (await client.call('ready', {})).body;
	return {id, version, dependencies};
}

/** A short first page is on the screen sooner; the rest comes in few requests. */
const firstPage = '200';
const furtherPage = '1000';
const followedPage = '50';

export const pagedReaders: {readonly [List in PagedName]: PagedReader<Items[List]>} = {
	audit: ({client, org_id, query, ...place}) =>
		readTrail(place, (page) => client.call('listAudit', {org_id, query: {...query, ...page}})),
	applianceAudit: ({client, query, ...place}) =>
		readTrail(place, (page) => client.call('listApplianceAudit', {query: {...query, ...page}})),
	async deliveries({client, org_id, query, cursor, after}) {
		// What is followed changes above all at its top, and is read often.
		const size = after === undefined ? pageOf(cursor) : {limit: followedPage};
		const page = {...query, ...size};
		const {body: items, next} = await client.call('listDeliveries', {org_id, query: page});
		return placed(cursor, {items, next});
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

async function readTrail(
	{cursor, after}: {cursor?: string | undefined; after?: string | undefined},
	ask: (page: Query) => Promise<Answer<'listAudit' | 'listApplianceAudit'>>,
): Promise<Page<Items['audit']>> {
	const read = async (page: Query) => {
		const {body, next} = await ask(page);
		return {items: body.map((entry) => ({...entry, id: String(entry.sequence)})), next};
	};
	if (after !== undefined) {
		const {items, next} = await read({limit: furtherPage, after});
		// More than a page since the last time: it is read anew from the top.
		if (next === undefined) return {items: items.toReversed(), place: 'above'};
	}
	return placed(cursor, await read(pageOf(cursor)));
}

function pageOf(cursor: string | undefined): Query {
	return cursor === undefined ? {limit: firstPage} : {limit: furtherPage, cursor};
}

function placed<Item>(
	cursor: string | undefined,
	page: {items: readonly Item[]; next?: string | undefined},
): Page<Item> {
	return cursor === undefined ? {...page, place: 'top'} : {...page, place: 'end', cursor};
}
