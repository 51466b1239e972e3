import type {Router} from '@koa/router';
import type {Session} from '../../contract/sessions.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {By} from '../../core/actor.ts';
import type {Deps} from '../../core/deps.ts';
import type {UserCaller} from '../../core/people/caller.ts';
import {
	endSession,
	endSessions,
	listSessions,
	type EndReason,
	type ListedSession,
} from '../../core/people/sessions.ts';
import {findUser} from '../../core/people/users.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/** A caller's own sessions, and for operators those of anybody. */
export function mountSessions(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listSessions', async ({principal: {caller}}) =>
		sessionsOf(deps, caller.userId, caller),
	);

	mount(router, deps, 'endSession', async ({principal: {caller}, params, by}) =>
		end(deps, by, {id: params.session_id, userId: caller.userId}, 'logout'),
	);

	mount(router, deps, 'endSessions', async ({principal: {caller}, by}) => {
		const user = {id: caller.userId, email: caller.email};
		const count = await endSessions(db, by, user, 'logout everywhere');
		return {message: 'Sessions ended successfully', count};
	});

	mount(router, deps, 'listUserSessions', async ({principal: {caller}, params}) => {
		const user = await findUser(db, params.user_id);
		return user && sessionsOf(deps, user.id, caller);
	});

	mount(router, deps, 'endUserSession', async ({params, by}) => {
		const user = await findUser(db, params.user_id);
		if (user === undefined) return new Problem('user_not_found');
		const session = {id: params.session_id, userId: user.id};
		return end(deps, by, session, 'ended by an operator');
	});

	mount(router, deps, 'endUserSessions', async ({params, by}) => {
		const user = await findUser(db, params.user_id);
		if (user === undefined) return undefined;
		const count = await endSessions(db, by, user, 'ended by an operator');
		return {message: 'Sessions ended successfully', count};
	});
}

function sessionsOf(deps: Deps, userId: string, caller: UserCaller) {
	return list({
		name: `sessions:${userId}`,
		read: (slice) => listSessions(deps.db, userId, slice),
		present: (row) => presentSession(row, caller.sessionId),
	});
}

async function end(
	deps: Deps,
	by: By,
	session: {id: string; userId: string},
	reason: EndReason,
): Promise<{message: 'Session ended successfully'} | undefined> {
	const isEnded = await endSession(deps.db, by, session, reason);
	return isEnded ? {message: 'Session ended successfully'} : undefined;
}

function presentSession(row: ListedSession, current: string | null): Session {
	return {
		id: row.id,
		created_at: toTimestamp(row.created_at),
		last_used_at: toTimestamp(row.last_used_at),
		expires_at: toTimestamp(row.expires_at),
		address: row.address,
		user_agent: row.user_agent,
		current: row.id === current,
	};
}
