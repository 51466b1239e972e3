import * as people from '../people.ts';
import type {Routes} from '../route.ts';

export const peopleRoutes = {
	setupState: {
		method: 'GET',
		path: '/api/v1/setup',
		credentials: 'none',
		status: 200,
		response: people.setupState,
		summary: 'Whether the first administrator is still to be made',
	},
	setup: {
		method: 'POST',
		path: '/api/v1/setup',
		credentials: 'none',
		body: people.setupRequest,
		status: 201,
		response: people.setupResult,
		summary: 'Make the first administrator, once, with the setup token',
	},
	login: {
		method: 'POST',
		path: '/api/v1/auth/login',
		credentials: 'none',
		body: people.loginRequest,
		status: 200,
		response: people.tokens,
		summary: 'Log in with email and password',
	},
	refresh: {
		method: 'POST',
		path: '/api/v1/auth/refresh',
		credentials: 'none',
		body: people.refreshRequest,
		status: 200,
		response: people.tokens,
		summary: 'Exchange a refresh token for a new pair',
	},
	logout: {
		method: 'POST',
		path: '/api/v1/auth/logout',
		credentials: 'user',
		status: 200,
		response: people.loggedOut,
		summary: 'End this session; its tokens stop at once',
	},
	me: {
		method: 'GET',
		path: '/api/v1/auth/me',
		credentials: 'user',
		status: 200,
		response: people.me,
		summary: 'Who is calling, and in which organisation',
	},
} as const satisfies Routes;
