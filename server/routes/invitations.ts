import type {Router} from '@koa/router';
import type {Invitation} from '../../contract/invitations.ts';
import {mayGive} from '../../contract/permissions.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Deps} from '../../core/deps.ts';
import {acceptInvitation} from '../../core/people/accept-invitation.ts';
import {
	invite,
	listInvitations,
	withdrawInvitation,
	type ListedInvitation,
} from '../../core/people/invitations.ts';
import {counted, type Attempts} from '../http/attempts.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {badPassword, Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {userAgent} from '../http/user-agent.ts';
import {tokens} from './people.ts';

/** @param guesses counts what is tried without a session, by address */
export function mountInvitations(router: Router, deps: Deps, guesses: Attempts): void {
	const {db} = deps;

	mount(router, deps, 'listInvitations', async ({ctx, query, organisationId}) => {
		const list = `invitations:${organisationId}`;
		const page = pageOf(query, list, deps.cursors);
		if (page instanceof Problem) return page;
		const rows = await listInvitations(db, organisationId, page);
		return finishPage(ctx, rows, query, list, deps.cursors).map(presentInvitation);
	});

	mount(router, deps, 'createInvitation', async ({body, principal, membership, by}) => {
		const {email, role} = body;
		if (!mayGive(membership.grantee, role)) return new Problem('role_required');
		const made = await invite(db, by, membership.grantee, {
			organisationId: membership.organisation.id,
			email,
			role,
			inviterId: principal.caller.userId,
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
		const invitation = {
			organisationId: membership.organisation.id,
			id: params['invitation_id'] ?? '',
		};
		if (!isUuid(invitation.id)) return new Problem('invitation_not_found');
		switch (await withdrawInvitation(db, by, membership.grantee, invitation)) {
			case 'withdrawn':
				return {message: 'Invitation withdrawn successfully'};
			case 'not allowed':
				return new Problem('role_required');
			case 'no such invitation':
				return new Problem('invitation_not_found');
		}
	});

	mount(router, deps, 'acceptInvitation', async ({ctx, body, by}) =>
		counted(guesses, ctx, async () => {
			const accepted = await acceptInvitation(db, by, {
				code: body.code,
				password: body.password,
				userAgent: userAgent(ctx, deps.config.keyPrefix),
			});
			switch (accepted.kind) {
				case 'opened':
					ctx.state.userId = accepted.userId;
					return tokens(deps, accepted);
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
