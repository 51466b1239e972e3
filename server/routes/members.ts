import type {Router} from '@koa/router';
import type {Member} from '../../contract/members.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Deps} from '../../core/deps.ts';
import {
	changeRole,
	listMembers,
	removeMember,
	type MemberRefusal,
	type MemberRow,
} from '../../core/people/members/members.ts';
import {tellKeysLeft} from '../http/keys-left.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountMembers(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listMembers', async ({organisationId}) =>
		list({
			name: `members:${organisationId}`,
			read: (slice) => listMembers(db, organisationId, slice),
			present: presentMember,
		}),
	);

	mount(router, deps, 'updateMember', async ({params, body, principal, organisationId, by}) => {
		const member = {organisationId, userId: params.user_id, role: body.role};
		const change = await changeRole(db, by, principal.caller, member);
		return change.kind === 'changed' ? presentMember(change.member) : problemOf(change);
	});

	mount(router, deps, 'removeMember', async ({ctx, params, principal, organisationId, by}) => {
		const member = {organisationId, userId: params.user_id};
		const removal = await removeMember(db, by, principal.caller, member);
		if (removal.kind !== 'removed') return problemOf(removal);
		tellKeysLeft(ctx, removal.keysLeft);
		return {message: 'Member removed successfully'};
	});
}

function problemOf({kind}: MemberRefusal): Problem {
	switch (kind) {
		case 'no such member':
			return new Problem('member_not_found');
		case 'not allowed':
			return new Problem('role_required');
		case 'last owner':
			return new Problem('last_owner');
	}
}

function presentMember(row: MemberRow): Member {
	return {
		user_id: row.id,
		email: row.email,
		role: row.role,
		created_at: toTimestamp(row.created_at),
	};
}
