import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {changePassword} from '../../core/people/passwords/password-change.ts';
import {resetPassword} from '../../core/people/passwords/password-reset.ts';
import {attemptOrigin} from '../http/attempt-limiter.ts';
import type {Guesses} from '../http/guesses.ts';
import {badPassword, Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

const changed = {message: 'Password changed successfully'} as const;

/** @param guesses bounds what is tried without a session */
export function mountPasswords(router: Router, deps: Deps, guesses: Guesses): void {
	const {db} = deps;

	mount(router, deps, 'changePassword', async ({ctx, principal, body, by}) => {
		const {caller} = principal;
		const passwords = {current: body.current_password, next: body.new_password};
		const change = await changePassword(db, by, caller, passwords);
		switch (change.kind) {
			case 'done':
				return changed;
			case 'bad password':
				return badPassword('new_password', change.fault);
			case 'refused':
				ctx.state.refusal = change.reason;
				return new Problem('wrong_password');
		}
	});

	mount(router, deps, 'resetPassword', async ({ctx, body, by}) =>
		guesses.count(attemptOrigin(ctx), async () => {
			const reset = await resetPassword(db, by, body);
			switch (reset.kind) {
				case 'done':
					return changed;
				case 'bad password':
					return badPassword('password', reset.fault);
				case 'bad code':
					return new Problem('invalid_code', {field: 'code'});
			}
		}),
	);
}
