import type {Client} from '../client/client.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import type {Context} from './command.ts';
import {textFlag} from './flags.ts';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

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
	if (uuid.test(wanted)) return wanted.toLowerCase();
	const {body: organisations} = await client.call('listOrganisations', {});
	const exact = organisations.filter(({name}) => name === wanted);
	const alike = organisations.filter(({name}) => name.toLowerCase() === wanted.toLowerCase());
	const [match, ...others] = exact.length > 0 ? exact : alike;
	if (match === undefined) {
		throw new Failure('refused', `No organisation is called ${clean(wanted)}`, {
			status: 404,
			code: 'organization_not_found',
			hint: 'See `latchkey orgs list`.',
		});
	}
	if (others.length > 0) {
		const ids = [match, ...others].map(({id}) => id).join(', ');
		throw new Failure('usage', `Several organisations are called ${clean(wanted)}`, {
			hint: `Give the id instead: ${ids}`,
		});
	}
	return match.id;
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
