import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type {AuthorizationServer} from '../../contract/oauth.ts';
import {routes} from '../../contract/routes.ts';
import type {Deps} from '../../core/deps.ts';
import {revokePresented} from '../../core/keys/change.ts';
import {grantToken} from '../../core/people/machines/grant.ts';
import {accessTokenSeconds} from '../../core/people/tokens/access-token.ts';
import {attemptOrigin, createAttemptLimiter} from '../http/attempt-limiter.ts';
import {clientCredentials, invalidClient} from '../http/client-credentials.ts';
import {OAuthClients} from '../http/oauth-clients.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';
import {presentActive} from '../present/introspection.ts';

/** OAuth 2.0: tokens for service accounts, and API keys as OAuth knows tokens. */
export function mountOAuth(router: Router, deps: Deps): void {
	const {db, verifier} = deps;
	const {publicUrl} = deps.config;
	const clients = new OAuthClients(deps);
	/** Of whoever says no more than a key. */
	const revocations = createAttemptLimiter({most: 20, windowMs: 60_000});

	mount(router, deps, 'token', async ({ctx, body, by}) => {
		if (body.grant_type !== 'client_credentials') return new Problem('unsupported_grant_type');
		if (body.scope !== undefined) return new Problem('invalid_scope');
		const credentials = clientCredentials(ctx.req, body);
		if (credentials instanceof Problem) return credentials;
		const grant = await clients.check(ctx, credentials, (given) => grantToken(db, by, given));
		if (grant instanceof Problem) return grant;
		ctx.state.serviceAccountId = grant.accountId;
		return {
			access_token: await deps.accessTokens.issue({...grant, kind: 'service_account'}),
			token_type: 'Bearer',
			expires_in: accessTokenSeconds,
		};
	});

	mount(router, deps, 'introspect', async ({ctx, body}) => {
		const caller = await clients.decide(routes.introspect, ctx, body);
		if (caller === undefined) return invalidClient();
		if (caller instanceof Problem) return caller;
		if (isSignedAsked(ctx)) return new Problem('not_acceptable');
		const {ip, scope: scopes} = body;
		// Nothing is taken of its limits: gateways keep answers, and ask as often as they like (RFC 7662, 4).
		const {organisationId} = caller;
		const via = 'introspection';
		const asked = {ip, origin: ip, via, organisationId, scopes, limits: undefined};
		const {outcome, facts} = await verifier.verify(body.token.trim(), asked);
		return outcome === 'valid' ? presentActive(facts, publicUrl) : ({active: false} as const);
	});

	mount(router, deps, 'revokeToken', async ({ctx, body, by}) => {
		const caller = await clients.decide(routes.revokeToken, ctx, body);
		if (caller instanceof Problem) return caller;
		if (caller === undefined) {
			const origin = attemptOrigin(ctx);
			if (!revocations.take(origin)) return revocations.refuse(origin);
		}
		const whose = caller ?? {by, organisationId: undefined};
		const ended = await revokePresented(deps, body.token.trim(), whose);
		if (ended !== undefined) ctx.state.keyId = ended.keyId;
		if (ended?.barrier !== undefined) reportBarrier(ctx, ended.barrier);
		return '' as const;
	});

	mount(router, deps, 'authorizationServer', async () => {
		return {
			issuer: publicUrl,
			token_endpoint: publicUrl + routes.token.path,
			jwks_uri: `${publicUrl}/.well-known/jwks.json`,
			response_types_supported: [],
			grant_types_supported: ['client_credentials'],
			token_endpoint_auth_methods_supported: [...secretMethods],
			introspection_endpoint: publicUrl + routes.introspect.path,
			introspection_endpoint_auth_methods_supported: [...secretMethods, 'Bearer'],
			revocation_endpoint: publicUrl + routes.revokeToken.path,
			revocation_endpoint_auth_methods_supported: [...secretMethods, 'none'],
		} satisfies AuthorizationServer;
	});
}

/** Whether nothing but a signed answer will do (RFC 9701, 4). */
function isSignedAsked(ctx: Context): boolean {
	if (ctx.accepts('application/json') !== false) return false;
	return ctx.accepts('application/token-introspection+jwt') !== false;
}

const secretMethods = ['client_secret_basic', 'client_secret_post'] as const;
