import type {Invitation} from '../../../../contract/invitations.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The open invitations of an organisation. */
export const invitationsList: ListSource<Invitation> = {
	of: 'organisation',
	readers: 'members:manage',
	read: ({client, org_id}) => all(client, 'listInvitations', {org_id}),
};
