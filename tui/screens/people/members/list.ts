import type {Member} from '../../../../contract/members.ts';
import type {ListSource, Row} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The members of an organisation. */
export const membersList: ListSource<Row<Member>> = {
	of: 'organisation',
	readers: 'members:read',
	async read({client, org_id}) {
		const items = await all(client, 'listMembers', {org_id});
		return items.map((member) => ({...member, id: member.user_id}));
	},
};
