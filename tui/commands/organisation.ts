import type {Client} from '../client.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * The id of the organisation a command acts in: `--org` as an id or a name, else the caller's own.
 *
 * @throws {Failure} usage when a name fits several, refused 404 when it fits none.
 */
export async function organisationId(client: Client, wanted: string | undefined): Promise<string> {
	if (wanted === undefined) {
		const own = await ownOrganisation(client);
		if (own !== undefined) return own;
		throw new Failure('usage', 'You belong to no organisation', {hint: 'Name one with --org.'});
	}
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
