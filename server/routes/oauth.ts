import type {Router} from '@koa/router';
import type {AuthorizationServer} from '../../contract/oauth.ts';
import {routes} from '../../contract/routes.ts';
import type {Deps} from '../../core/deps.ts';
import {grantToken} from '../../core/people/machines/grant.ts';
import {createGrantRefusalRecorder} from '../../core/people/machines/refusals.ts';
import {accessTokenSeconds} from '../../core/people/tokens/access-token.ts';
import {createAttemptLimiter, attemptOrigin} from '../http/attempt-limiter.ts';
import {clientCredentials, invalidClient} from '../http/client-credentials.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/** OAuth 2.0 for service accounts. */
export function mountOAuth(router: Router, deps: Deps): void {
	const {db, log} = deps;
	const noteRefusal = createGrantRefusalRecorder(db, log);
	// Of one client at one address, so that one bad pipeline does not lock the others out behind it.
	const clientFailures = createAttemptLimiter({most: 20, windowMs: 60_000});
	const originFailures = createAttemptLimiter({most: 100, windowMs: 60_000});

	mount(router, deps, 'token', async ({ctx, body, by}) => {
		if (body.grant_type !== 'client_credentials') return new Problem('unsupported_grant_type');
		if (body.scope !== undefined) return new Problem('invalid_scope');
		const credentials = clientCredentials(ctx.req, body);
		if (credentials instanceof Problem) return credentials;

		const origin = attemptOrigin(ctx);
		const clientId = isUuid(credentials.clientId) ? credentials.clientId.toLowerCase() : undefined;
		const client = `${origin} ${clientId ?? ''}`;
		if (clientFailures.isSpent(client)) return clientFailures.refuse(client);
		if (originFailures.isSpent(origin)) return originFailures.refuse(origin);
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
