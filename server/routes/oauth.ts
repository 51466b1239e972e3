import type {Router} from '@koa/router';
import type {Context} from 'koa';
import {tokenRequest, type AuthorizationServer, type TokenAnswer} from '../../contract/oauth.ts';
import {routes, type RouteName} from '../../contract/routes.ts';
import type {Deps} from '../../core/deps.ts';
import {accessTokenSeconds} from '../../core/people/access-token.ts';
import {grantToken} from '../../core/service-accounts/grant.ts';
import {grantRefusals} from '../../core/service-accounts/refusals.ts';
import {attempts, originOf} from '../http/attempts.ts';
import {byActor} from '../http/by.ts';
import {clientCredentials, invalidClient} from '../http/client-credentials.ts';
import {readForm} from '../http/form.ts';
import {isUuid} from '../http/params.ts';
import {Problem, respondOAuthProblem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/**
 * OAuth 2.0 for service accounts. The token endpoint is the one route that answers errors in the
 * shape of RFC 6749, 5.2: its callers are OAuth clients.
 */
export function mountOAuth(router: Router, deps: Deps): void {
	const answerToken = tokenEndpoint(deps);

	router.post('token' satisfies RouteName, routes.token.path, async (ctx) => {
		const context = ctx as unknown as Context;
		const answer = await answerToken(context);
		if (answer instanceof Problem) respondOAuthProblem(context, answer);
		else ctx.body = answer;
	});

	const {publicUrl} = deps.config;
	mount(router, deps, 'authorizationServer', async () => {
		return {
			issuer: publicUrl,
			token_endpoint: publicUrl + routes.token.path,
			jwks_uri: `${publicUrl}/.well-known/jwks.json`,
			response_types_supported: [],
			grant_types_supported: ['client_credentials'],
			token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
		} satisfies AuthorizationServer;
	});
}

function tokenEndpoint(deps: Deps): (ctx: Context) => Promise<TokenAnswer | Problem> {
	const {db, log} = deps;
	const noteRefusal = grantRefusals(db, log);
	// Of one client at one address, so that one bad pipeline does not lock the others out behind it.
	const clientFailures = attempts({most: 20, windowMs: 60_000});
	const originFailures = attempts({most: 100, windowMs: 60_000});

	return async (ctx) => {
		const form = await readForm(ctx.req);
		if (form instanceof Problem) return form;
		const request = tokenRequest.safeParse(form);
		if (!request.success) {
			return new Problem('invalid_request', {message: 'grant_type is required'});
		}
		if (request.data.grant_type !== 'client_credentials') {
			return new Problem('unsupported_grant_type');
		}
		if (request.data.scope !== undefined) return new Problem('invalid_scope');
		const credentials = clientCredentials(ctx.req, request.data);
		if (credentials instanceof Problem) return credentials;

		const origin = originOf(ctx);
		const clientId = isUuid(credentials.clientId) ? credentials.clientId.toLowerCase() : undefined;
		const client = `${origin} ${clientId ?? ''}`;
		if (clientFailures.isSpent(client)) return clientFailures.refuse(client);
		if (originFailures.isSpent(origin)) return originFailures.refuse(origin);
		const by = byActor(ctx, {type: 'anonymous'});
		const grant =
			clientId === undefined
				? ({kind: 'refused', reason: 'unknown', account: undefined} as const)
				: await grantToken(db, by, {clientId, secret: credentials.secret});
		if (grant.kind === 'refused') {
			clientFailures.take(client);
			originFailures.take(origin);
			ctx.state.refusal = grant.reason;
			await noteRefusal(by, grant);
			return invalidClient();
		}
		ctx.state.serviceAccountId = grant.accountId;
		return {
			access_token: await deps.accessTokens.issue({...grant, kind: 'service_account'}),
			token_type: 'Bearer',
			expires_in: accessTokenSeconds,
		};
	};
}
