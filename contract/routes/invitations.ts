import * as invitations from '../invitations.ts';
import {pageQuery} from '../paging.ts';
import * as people from '../people.ts';
import type {Routes} from '../route.ts';

export const invitationsRoutes = {
	listInvitations: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/invitations',
		credentials: 'user',
		permission: 'members:manage',
		query: pageQuery,
		status: 200,
		response: invitations.invitationList,
		summary: 'Invitations that can still be accepted, newest first',
	},
	createInvitation: {
		method: 'POST',
		path: '/api/v1/organizations/:org_id/invitations',
		credentials: 'user',
		permission: 'members:manage',
		body: invitations.createInvitationRequest,
		errors: ['already_member', 'membership_required', 'limit_reached'],
		status: 201,
		response: invitations.createdInvitation,
		summary:
			'Invite somebody, replacing an earlier invitation; the code is shown only this once, good for a week',
	},
	withdrawInvitation: {
		method: 'DELETE',
		path: '/api/v1/organizations/:org_id/invitations/:invitation_id',
		notFound: 'invitation_not_found',
		credentials: 'user',
		permission: 'members:manage',
		status: 200,
		response: invitations.invitationWithdrawn,
		summary: 'Withdraw an invitation; its code stops working immediately',
	},
	acceptInvitation: {
		method: 'POST',
		path: '/api/v1/invitations/accept',
		credentials: 'none',
		body: invitations.acceptInvitationRequest,
		errors: [
			'invalid_code',
			'already_member',
			'invalid_login',
			'limit_reached',
			'too_many_attempts',
		],
		status: 200,
		response: people.tokens,
		summary:
			'Become a member, with the password of the invited user, or the one that a new user is to have',
	},
} as const satisfies Routes;
