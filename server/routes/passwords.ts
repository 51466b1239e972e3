import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {changePassword} from '../../core/people/password-change.ts';
import {resetPassword} from '../../core/people/password-reset.ts';
import {counted, type Attempts} from '../http/attempts.ts';
import {badPassword, Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

const changed = {message: 'Password changed successfully'} as const;

/** @param guesses counts what is tried without a session, by address */
export function mountPasswords(router: Router, deps: Deps, guesses: Attempts): void {
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
		counted(guesses, ctx, async () => {
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
