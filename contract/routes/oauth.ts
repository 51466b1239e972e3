import {headers} from '../errors.ts';
import * as oauth from '../oauth.ts';
import type {Routes} from '../route.ts';

/** OAuth 2.0: tokens for service accounts, and API keys as OAuth knows tokens. */
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
	introspect: {
		method: 'POST',
		path: '/oauth2/introspect',
		credentials: 'any',
		client: 'required',
		permission: 'keys:verify',
		form: true,
		body: oauth.introspectionRequest,
		errors: ['not_acceptable'],
		fromMemory: true,
		status: 200,
		response: oauth.introspection,
		summary: "Whether a key of the caller's organisation is active, and what it carries (RFC 7662)",
	},
	revokeToken: {
		method: 'POST',
		path: '/oauth2/revoke',
		credentials: 'any',
		client: 'optional',
		permission: 'keys:revoke',
		limits: 'none',
		form: true,
		body: oauth.revocationRequest,
		errors: ['upgrade_in_progress'],
		headers: [headers.revocation],
		status: 200,
		response: oauth.revocationAnswer,
		summary: 'Revoke the key that is presented, as anyone who holds it may; always 200 (RFC 7009)',
	},
	authorizationServer: {
		method: 'GET',
		path: '/.well-known/oauth-authorization-server',
		credentials: 'none',
		fromMemory: true,
		status: 200,
		response: oauth.authorizationServer,
		summary: 'Where and how OAuth clients get tokens, ask about keys and end them (RFC 8414)',
	},
} as const satisfies Routes;
