import type {Client} from '../../client/client.ts';

/** Who one is, and where one may work. */
export function identify(client: Client, organisation: string | undefined) {
	return Promise.all([client.call('me', {organisation}), client.call('listOrganisations', {})]);
}
