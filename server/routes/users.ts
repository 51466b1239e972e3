import type {Router} from '@koa/router';
import {toTimestamp} from '../../contract/text.ts';
import type {User} from '../../contract/users.ts';
import type {Deps} from '../../core/deps.ts';
import {issuePasswordReset, type IssuedCode} from '../../core/people/passwords/password-reset.ts';
import {
	createUser,
	findUser,
	listUsers,
	updateUser,
	type ListedUser,
} from '../../core/people/users.ts';
import {tellKeysLeft} from '../http/keys-left.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountUsers(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listUsers', async () =>
		list({name: 'users', read: (slice) => listUsers(db, slice), present: presentUser}),
	);

	mount(router, deps, 'createUser', async ({body, by}) => {
		const made = await createUser(db, by, {
			email: body.email,
			isOperator: body.operator ?? false,
		});
		if (made === undefined) return new Problem('email_taken', {field: 'email'});
		return {...presentUser(made.user), ...presentCode(made.reset)};
	});

	mount(router, deps, 'getUser', async ({params}) => {
		const user = await findUser(db, params.user_id);
		return user && presentUser(user);
	});

	mount(router, deps, 'updateUser', async ({ctx, params, body, by}) => {
		const update = await updateUser(db, by, params.user_id, body);
		switch (update.kind) {
			case 'updated':
				tellKeysLeft(ctx, update.keysLeft);
				return update.reset === undefined
					? presentUser(update.user)
					: {...presentUser(update.user), ...presentCode(update.reset)};
			case 'no such user':
				return undefined;
			case 'last operator':
				return new Problem('last_operator');
		}
	});

	mount(router, deps, 'issuePasswordReset', async ({params, by}) => {
		const issued = await issuePasswordReset(db, by, params.user_id);
		return issued && {code: issued.code, expires_at: toTimestamp(issued.expiresAt)};
	});
}

function presentCode({code, expiresAt}: IssuedCode) {
	return {code, code_expires_at: toTimestamp(expiresAt)};
}

function presentUser(row: ListedUser): User {
	return {
		id: row.id,
		email: row.email,
		operator: row.is_operator,
		disabled: row.disabled_at !== null,
		created_at: toTimestamp(row.created_at),
		origin: row.origin,
		confirmed: row.confirmed_at !== null,
	};
}
