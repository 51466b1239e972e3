import type {ServiceAccount} from '../../../../contract/service-accounts.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The service accounts of an organisation. */
export const serviceAccountsList: ListSource<ServiceAccount> = {
	of: 'organisation',
	readers: 'service_accounts:read',
	read: ({client, org_id}) => all(client, 'listServiceAccounts', {org_id}),
};
