import type {Router} from '@koa/router';
import {unsaid} from '../../contract/scope-query.ts';
import {authHeaders} from '../../contract/verification.ts';
import type {Deps} from '../../core/deps.ts';
import {revokeSelf} from '../../core/keys/change.ts';
import {askedBy} from '../decisions/verify-body.ts';
import {presentSelf, presentVerification, scopeHeaders} from '../present/verification.ts';
import {setPairs} from '../http/key-limits.ts';
import {neededByProxy} from '../http/needed.ts';
import {needsScope} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

/** What internal services and proxies ask. See also server/decisions/decisions.ts, which answers first. */
export function mountVerification(router: Router, deps: Deps): void {
	mount(router, deps, 'verifyKey', async ({body, organisationId}) => {
		const asked = askedBy(body, organisationId);
		return presentVerification(await deps.verifier.verify(body.key.trim(), asked), asked);
	});

	mount(router, deps, 'keySelf', async ({principal}) => presentSelf(principal.key));

	mount(router, deps, 'revokeSelf', async ({ctx, principal, by}) => {
		const barrier = await revokeSelf(deps, by, principal.key);
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		return {message: 'API key revoked successfully'};
	});

	mount(router, deps, 'forwardAuth', async ({ctx, principal, organisationId}) => {
		// Scopes are of keys; but where nobody says what the request does, nobody may do it.
		if (
			principal.auth_method === 'jwt' &&
			neededByProxy(ctx.req, ctx.querystring)?.scopes === unsaid
		) {
			return needsScope(unsaid);
		}
		const keyId = principal.auth_method === 'api_key' ? principal.key.keyId : null;
		const caller = principal.auth_method === 'jwt' ? principal.caller : undefined;
		const userId = caller?.kind === 'user' ? caller.userId : null;
		ctx.set(authHeaders.method, principal.auth_method);
		if (keyId !== null) ctx.set(authHeaders.key, keyId);
		if (userId !== null) ctx.set(authHeaders.user, userId);
		ctx.set(authHeaders.organization, organisationId);
		if (principal.auth_method === 'api_key') {
			setPairs(ctx, scopeHeaders(principal.key));
		}
		return {
			auth_method: principal.auth_method,
			key_id: keyId,
			user_id: userId,
			organization_id: organisationId,
		};
	});
}
