import type {Router} from '@koa/router';
import {authHeaders} from '../../contract/verification.ts';
import type {Deps} from '../../core/deps.ts';
import {presentSelf, presentVerification} from '../http/present-verification.ts';
import {mount} from '../http/route.ts';

/** What internal services and proxies ask. See also server/decisions.ts, which answers first. */
export function mountVerification(router: Router, deps: Deps): void {
	mount(router, deps, 'verifyKey', async ({body, organisationId}) =>
		presentVerification(await deps.verifier.verify(body.key.trim(), undefined, organisationId)),
	);

	mount(router, deps, 'keySelf', async ({principal}) => presentSelf(principal.key));

	mount(router, deps, 'forwardAuth', async ({ctx, principal, organisationId}) => {
		const keyId = principal.auth_method === 'api_key' ? principal.key.keyId : null;
		const caller = principal.auth_method === 'jwt' ? principal.caller : undefined;
		const userId = caller?.kind === 'user' ? caller.userId : null;
		ctx.set(authHeaders.method, principal.auth_method);
		if (keyId !== null) ctx.set(authHeaders.key, keyId);
		if (userId !== null) ctx.set(authHeaders.user, userId);
		ctx.set(authHeaders.organization, organisationId);
		return {
			auth_method: principal.auth_method,
			key_id: keyId,
			user_id: userId,
			organization_id: organisationId,
		};
	});
}
