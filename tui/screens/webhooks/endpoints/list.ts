import type {Endpoint} from '../../../../contract/webhooks.ts';
import type {ListSource} from '../../../app/list-source.ts';

/** The endpoints of an organisation. */
export const endpointsList: ListSource<Endpoint> = {
	of: 'organisation',
	readers: 'webhooks:read',
	read: async ({client, org_id}) => (await client.call('listWebhooks', {org_id})).body,
};
