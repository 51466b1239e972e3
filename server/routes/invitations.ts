import type {Router} from '@koa/router';
import type {Invitation} from '../../contract/invitations.ts';
import {mayGive} from '../../contract/permissions.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Deps} from '../../core/deps.ts';
import {acceptInvitation} from '../../core/people/members/accept-invitation.ts';
import {
	invite,
	listInvitations,
	withdrawInvitation,
	type ListedInvitation,
} from '../../core/people/members/invitations.ts';
import {attemptOrigin} from '../http/attempt-limiter.ts';
import type {Guesses} from '../http/guesses.ts';
import {list} from '../http/list.ts';
import {badPassword, Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {userAgent} from '../http/user-agent.ts';
import {presentTokens} from '../present/tokens.ts';

/** @param guesses bounds what is tried without a session */
export function mountInvitations(router: Router, deps: Deps, guesses: Guesses): void {
	const {db} = deps;

	mount(router, deps, 'listInvitations', async ({organisationId}) =>
		list({
			name: `invitations:${organisationId}`,
			read: (slice) => listInvitations(db, organisationId, slice),
			present: presentInvitation,
		}),
	);

	mount(router, deps, 'createInvitation', async ({body, principal, membership, by}) => {
		const {email, role} = body;
		if (!mayGive(membership.role, role)) return new Problem('role_required');
		const made = await invite(db, by, membership.role, {
			organisationId: membership.organisation.id,
			email,
			role,
			inviterId: principal.caller.userId,
			most: deps.config.limits.invitations,
		});
		switch (made.kind) {
			case 'member already':
				return new Problem('already_member', {field: 'email'});
			case 'not allowed':
				return new Problem('role_required');
			case 'no lasting rights':
				return new Problem('membership_required');
			case 'invited':
				return {...presentInvitation(made.row), code: made.code};
		}
	});

	mount(router, deps, 'withdrawInvitation', async ({params, membership, by}) => {
		const invitation = {organisationId: membership.organisation.id, id: params.invitation_id};
		switch (await withdrawInvitation(db, by, membership.role, invitation)) {
			case 'withdrawn':
				return {message: 'Invitation withdrawn successfully'};
			case 'not allowed':
				return new Problem('role_required');
			case 'no such invitation':
				return undefined;
		}
	});

	mount(router, deps, 'acceptInvitation', async ({ctx, body, by}) =>
		guesses.count(attemptOrigin(ctx), async () => {
			const accepted = await acceptInvitation(db, by, {
				code: body.code,
				password: body.password,
				userAgent: userAgent(ctx, deps),
				mostMembers: deps.config.limits.members,
			});
			switch (accepted.kind) {
				case 'opened':
					ctx.state.userId = accepted.userId;
					return presentTokens(deps, accepted);
				case 'bad code':
					return new Problem('invalid_code', {field: 'code'});
				case 'bad password':
					return badPassword('password', accepted.fault);
				case 'already member':
					return new Problem('already_member');
				case 'refused':
					ctx.state.refusal = accepted.reason;
					return new Problem('invalid_login');
			}
		}),
	);
}

function presentInvitation(row: ListedInvitation): Invitation {
	return {
		id: row.id,
		email: row.email,
		role: row.role,
		created_at: toTimestamp(row.created_at),
		expires_at: toTimestamp(row.expires_at),
	};
}
