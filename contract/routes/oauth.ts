import * as oauth from '../oauth.ts';
import type {Routes} from '../route.ts';

/** OAuth 2.0 for service accounts. */
export const oauthRoutes = {
	token: {
		method: 'POST',
		path: '/oauth2/token',
		credentials: 'none',
		form: true,
		body: oauth.tokenRequest,
		errors: ['unsupported_grant_type', 'invalid_scope', 'invalid_client', 'too_many_attempts'],
		status: 200,
		response: oauth.tokenAnswer,
		summary: 'Exchange the secret of a service account for a JWT (RFC 6749, 4.4)',
	},
	authorizationServer: {
		method: 'GET',
		path: '/.well-known/oauth-authorization-server',
		credentials: 'none',
		fromMemory: true,
		status: 200,
		response: oauth.authorizationServer,
		summary: 'Where and how OAuth clients get tokens (RFC 8414)',
	},
} as const satisfies Routes;
