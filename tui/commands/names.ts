import {pages} from '../client/pages.ts';
import {exitCodes, Failure} from '../failure.ts';
import {readProfiles} from '../settings/profiles.ts';
import {clean} from '../text/clean.ts';
import type {Command, Context} from './command.ts';
import {onlyArgument} from './flags.ts';
import {organisationId, wantedOrganisation} from './organisation.ts';

/** What shells complete that only the server knows, or this machine. */
export const namedThings = [
	'keys',
	'orgs',
	'sources',
	'service-accounts',
	'webhooks',
	'invitations',
	'members',
	'profiles',
] as const;
export type NamedThing = (typeof namedThings)[number];

/** More names than these are not to choose from. */
const mostNames = 1000;

const names: Readonly<Record<NamedThing, (context: Context) => Promise<readonly string[]>>> = {
	async keys(context) {
		const org_id = await organisationId(context);
		const found: string[] = [];
		for await (const {body} of pages(context.client, 'listKeys', {org_id}, mostNames)) {
			for (const {name, revoked_at} of body) if (revoked_at === null) found.push(name);
		}
		return found;
	},
	async orgs({client}) {
		return (await client.call('listOrganisations', {})).body.map(({name}) => name);
	},
	async sources(context) {
		const organisation = await wantedOrganisation(context);
		const list = pages(context.client, 'listSources', {organisation}, mostNames);
		return namesIn(list, ({name}) => name);
	},
	async 'service-accounts'(context) {
		const org_id = await organisationId(context);
		const list = pages(context.client, 'listServiceAccounts', {org_id}, mostNames);
		return namesIn(list, ({name}) => name);
	},
	async webhooks(context) {
		const org_id = await organisationId(context);
		const {body} = await context.client.call('listWebhooks', {org_id});
		return body.map(({url}) => new URL(url).host);
	},
	async invitations(context) {
		const org_id = await organisationId(context);
		const list = pages(context.client, 'listInvitations', {org_id}, mostNames);
		return namesIn(list, ({email}) => email);
	},
	async members(context) {
		const org_id = await organisationId(context);
		const list = pages(context.client, 'listMembers', {org_id}, mostNames);
		return namesIn(list, ({email}) => email);
	},
	profiles: ({environment}) => Promise.resolve(Object.keys(readProfiles(environment).profiles)),
};

async function namesIn<Item>(
	list: AsyncIterable<{body: readonly Item[]}>,
	nameOf: (item: Item) => string,
): Promise<string[]> {
	const found: string[] = [];
	for await (const {body} of list) found.push(...body.map(nameOf));
	return found;
}

export const commands: readonly Command[] = [
	{
		path: ['names'],
		arguments: namedThings.join('|'),
		summary: 'Print names, one a line, for what completes them',
		options: {},
		async run(context) {
			const wanted = onlyArgument(context, 'names');
			const thing = namedThings.find((each) => each === wanted);
			if (thing === undefined) {
				throw new Failure('usage', `names must be of one of ${namedThings.join(', ')}`);
			}
			const found = [...new Set(await names[thing](context))];
			if (context.flags['json'] === true) context.output.json(found);
			else context.output.lines(found.map(clean));
			return exitCodes.done;
		},
	},
];
