import * as members from '../members.ts';
import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';

export const membersRoutes = {
	listMembers: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/members',
		credentials: 'jwt',
		permission: 'members:read',
		query: pageQuery,
		status: 200,
		response: members.memberList,
		summary: 'Members of an organisation, newest first',
	},
	updateMember: {
		method: 'PATCH',
		path: '/api/v1/organizations/:org_id/members/:user_id',
		notFound: 'member_not_found',
		credentials: 'user',
		permission: 'members:manage',
		body: members.updateMemberRequest,
		errors: ['last_owner'],
		status: 200,
		response: members.member,
		summary: 'Give a member another role; only an owner gives or takes the role owner',
	},
	removeMember: {
		method: 'DELETE',
		path: '/api/v1/organizations/:org_id/members/:user_id',
		notFound: 'member_not_found',
		credentials: 'user',
		permission: 'members:leave',
		errors: ['role_required', 'last_owner'],
		status: 200,
		countsKeysLeft: true,
		response: members.memberRemoved,
		summary: 'Remove a member (under the rules for giving a role), or leave (anybody)',
	},
} as const satisfies Routes;
