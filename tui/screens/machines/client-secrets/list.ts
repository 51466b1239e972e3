import type {ClientSecret} from '../../../../contract/service-accounts.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The client secrets of one service account. */
export const clientSecretsList: ListSource<ClientSecret> = {
	of: 'organisation',
	readers: 'service_accounts:read',
	read: ({client, org_id, query}) =>
		all(client, 'listClientSecrets', {org_id, id: query?.['id'] ?? ''}),
};
