import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type {PageQuery} from '../../contract/paging.ts';
import type {Session} from '../../contract/sessions.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {By} from '../../core/audit/actor.ts';
import type {Deps} from '../../core/deps.ts';
import type {UserCaller} from '../../core/people/caller.ts';
import {
	endSession,
	endSessions,
	listSessions,
	type EndReason,
	type ListedSession,
} from '../../core/people/sessions.ts';
import {findUser, type ListedUser} from '../../core/people/users.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/** A caller's own sessions, and for operators those of anybody. */
export function mountSessions(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listSessions', async ({ctx, principal: {caller}, query}) =>
		list(ctx, deps, caller.userId, caller, query),
	);

	mount(router, deps, 'endSession', async ({principal: {caller}, params, by}) =>
		end(deps, by, {id: params['session_id'] ?? '', userId: caller.userId}, 'logout'),
	);

	mount(router, deps, 'endSessions', async ({principal: {caller}, by}) => {
		const user = {id: caller.userId, email: caller.email};
		const count = await endSessions(db, by, user, 'logout everywhere');
		return {message: 'Sessions ended successfully', count};
	});

	mount(router, deps, 'listUserSessions', async ({ctx, principal: {caller}, params, query}) => {
		const user = await userOf(deps, params);
		return user instanceof Problem ? user : list(ctx, deps, user.id, caller, query);
	});

	mount(router, deps, 'endUserSession', async ({params, by}) => {
		const user = await userOf(deps, params);
		if (user instanceof Problem) return user;
		const session = {id: params['session_id'] ?? '', userId: user.id};
		return end(deps, by, session, 'ended by an operator');
	});

	mount(router, deps, 'endUserSessions', async ({params, by}) => {
		const user = await userOf(deps, params);
		if (user instanceof Problem) return user;
		const count = await endSessions(db, by, user, 'ended by an operator');
		return {message: 'Sessions ended successfully', count};
	});
}

/** The user that a path names. */
export async function userOf(
	deps: Deps,
	params: Record<string, string>,
): Promise<ListedUser | Problem> {
	const id = params['user_id'] ?? '';
	const user = isUuid(id) ? await findUser(deps.db, id) : undefined;
	return user ?? new Problem('user_not_found');
}

async function list(
	ctx: Context,
	deps: Deps,
	userId: string,
	caller: UserCaller,
	query: PageQuery,
): Promise<Session[] | Problem> {
	const name = `sessions:${userId}`;
	const page = pageOf(query, name, deps.cursors);
	if (page instanceof Problem) return page;
	const rows = await listSessions(deps.db, userId, page);
	return finishPage(ctx, rows, query, name, deps.cursors).map((row) =>
		presentSession(row, caller.sessionId),
	);
}

async function end(
	deps: Deps,
	by: By,
	session: {id: string; userId: string},
	reason: EndReason,
): Promise<{message: 'Session ended successfully'} | Problem> {
	const isEnded = isUuid(session.id) && (await endSession(deps.db, by, session, reason));
	return isEnded ? {message: 'Session ended successfully'} : new Problem('session_not_found');
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
