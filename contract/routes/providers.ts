import {tokens} from '../people.ts';
import * as providers from '../providers.ts';
import type {Routes} from '../route.ts';

export const providersRoutes = {
	identityProviders: {
		method: 'GET',
		path: '/api/v1/auth/providers',
		credentials: 'none',
		fromMemory: true,
		status: 200,
		response: providers.identityProviders,
		summary: 'The identity providers that people can log in through',
	},
	startDeviceLogin: {
		method: 'POST',
		path: '/api/v1/auth/device',
		credentials: 'none',
		body: providers.deviceRequest,
		errors: ['provider_not_found', 'too_many_attempts', 'provider_unavailable'],
		status: 200,
		response: providers.deviceLogin,
		summary: 'Start a login through an identity provider, to be approved in a browser (RFC 8628)',
	},
	deviceToken: {
		method: 'POST',
		path: '/api/v1/auth/device/token',
		credentials: 'none',
		body: providers.deviceTokenRequest,
		errors: [
			'authorization_pending',
			'slow_down',
			'expired_token',
			'access_denied',
			'provider_unavailable',
		],
		status: 200,
		response: tokens,
		summary:
			'Log in once that is approved; until then 400 `authorization_pending`, and `slow_down` when asked more often than every `interval`',
	},
} as const satisfies Routes;
