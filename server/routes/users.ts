import type {Router} from '@koa/router';
import {toTimestamp} from '../../contract/text.ts';
import type {User} from '../../contract/users.ts';
import type {Deps} from '../../core/deps.ts';
import {issuePasswordReset} from '../../core/people/password-reset.ts';
import {createUser, listUsers, updateUser, type ListedUser} from '../../core/people/users.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';
import {userOf} from './sessions.ts';

const list = 'users';

export function mountUsers(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listUsers', async ({ctx, query}) => {
		const page = pageOf(query, list, deps.cursors);
		if (page instanceof Problem) return page;
		const rows = await listUsers(db, page);
		return finishPage(ctx, rows, query, list, deps.cursors).map(presentUser);
	});

	mount(router, deps, 'createUser', async ({body, by}) => {
		const made = await createUser(db, by, {
			email: body.email,
			isOperator: body.operator ?? false,
		});
		if (made === undefined) return new Problem('email_taken', {field: 'email'});
		const {code, expiresAt} = made.reset;
		return {...presentUser(made.user), code, code_expires_at: toTimestamp(expiresAt)};
	});

	mount(router, deps, 'getUser', async ({params}) => {
		const user = await userOf(deps, params);
		return user instanceof Problem ? user : presentUser(user);
	});

	mount(router, deps, 'updateUser', async ({params, body, by}) => {
		const id = params['user_id'] ?? '';
		if (!isUuid(id)) return new Problem('user_not_found');
		const update = await updateUser(db, by, id, body);
		switch (update.kind) {
			case 'updated':
				return presentUser(update.user);
			case 'no such user':
				return new Problem('user_not_found');
			case 'last operator':
				return new Problem('last_operator');
		}
	});

	mount(router, deps, 'issuePasswordReset', async ({params, by}) => {
		const id = params['user_id'] ?? '';
		const issued = isUuid(id) ? await issuePasswordReset(db, by, id) : undefined;
		if (issued === undefined) return new Problem('user_not_found');
		return {code: issued.code, expires_at: toTimestamp(issued.expiresAt)};
	});
}

function presentUser(row: ListedUser): User {
	return {
		id: row.id,
		email: row.email,
		operator: row.is_operator,
		disabled: row.disabled_at !== null,
		created_at: toTimestamp(row.created_at),
	};
}
