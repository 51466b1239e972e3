import type {KeyRole} from '../../../../contract/key-roles.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The roles that the keys of an organisation can have. */
export const keyRolesList: ListSource<KeyRole> = {
	of: 'organisation',
	readers: 'key_roles:read',
	read: ({client, org_id}) => all(client, 'listKeyRoles', {org_id}),
};
