import type {Client} from '../client/client.ts';
import {Failure} from '../failure.ts';
import type {Context} from './command.ts';
import {textFlag} from './flags.ts';
import {isId, theOneNamed} from './named.ts';

/**
 * The id of the organisation a command acts in: `--org` as an id or a name, else the one that
 * `latchkey use` chose, else the caller's own.
 *
 * @throws {Failure} usage when a name fits several, refused 404 when it fits none.
 */
export async function organisationId(context: Context): Promise<string> {
	const id = (await wantedOrganisation(context)) ?? (await ownOrganisation(context.client));
	if (id !== undefined) return id;
	throw new Failure('usage', 'You belong to no organisation', {hint: 'Name one with --org.'});
}

/** As `organisationId`, where the server knows the caller's own; undefined means that one. */
export async function wantedOrganisation(context: Context): Promise<string | undefined> {
	const {client, flags, settings} = context;
	const wanted = textFlag(flags, 'org');
	return wanted === undefined ? settings.organisation : findOrganisation(client, wanted);
}

/** @throws {Failure} usage when a name fits several, refused 404 when it fits none. */
export async function findOrganisation(client: Client, wanted: string): Promise<string> {
	if (isId(wanted)) return wanted.toLowerCase();
	const {body: organisations} = await client.call('listOrganisations', {});
	return theOneNamed(organisations, wanted, {
		one: 'organisation',
		many: 'organisations',
		code: 'organization_not_found',
		list: 'latchkey orgs list',
	});
}

/** Of a person the one that the session acts in; a service account has just one. */
async function ownOrganisation(client: Client): Promise<string | undefined> {
	try {
		return (await client.call('me', {})).body.organization?.id;
	} catch (error) {
		if (!(error instanceof Failure) || error.details.code !== 'user_required') throw error;
		return (await client.call('listOrganisations', {})).body[0]?.id;
	}
}
