import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';
import * as sessions from '../sessions.ts';

export const sessionsRoutes = {
	listSessions: {
		method: 'GET',
		path: '/api/v1/auth/sessions',
		credentials: 'user',
		query: pageQuery,
		status: 200,
		response: sessions.sessionList,
		summary: 'Open sessions of the caller, newest first',
	},
	endSession: {
		method: 'DELETE',
		path: '/api/v1/auth/sessions/:session_id',
		notFound: 'session_not_found',
		credentials: 'user',
		status: 200,
		response: sessions.sessionEnded,
		summary: 'End a session of the caller; its tokens stop working immediately',
	},
	endSessions: {
		method: 'DELETE',
		path: '/api/v1/auth/sessions',
		credentials: 'user',
		status: 200,
		response: sessions.sessionsEnded,
		summary: 'Log out everywhere, including here',
	},
} as const satisfies Routes;
