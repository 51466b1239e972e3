import * as z from 'zod';
import {pageQuery} from '../paging.ts';
import * as people from '../people.ts';
import type {Routes} from '../route.ts';
import * as sessions from '../sessions.ts';
import * as users from '../users.ts';

export const usersRoutes = {
	listUsers: {
		method: 'GET',
		path: '/api/v1/users',
		credentials: 'user',
		permission: 'users:manage',
		query: pageQuery,
		status: 200,
		response: users.userList,
		summary: 'Everybody who has an account, newest first',
	},
	createUser: {
		method: 'POST',
		path: '/api/v1/users',
		credentials: 'user',
		permission: 'users:manage',
		body: users.createUserRequest,
		status: 201,
		response: users.createdUser,
		summary: 'Create a user; the answer is the only time the code to set a password is shown',
	},
	getUser: {
		method: 'GET',
		path: '/api/v1/users/:user_id',
		notFound: 'user_not_found',
		credentials: 'user',
		permission: 'users:manage',
		status: 200,
		response: users.user,
		summary: 'One user',
	},
	updateUser: {
		method: 'PATCH',
		path: '/api/v1/users/:user_id',
		notFound: 'user_not_found',
		credentials: 'user',
		permission: 'users:manage',
		body: users.updateUserRequest,
		status: 200,
		countsKeysLeft: true,
		response: z.union([users.createdUser, users.user]),
		summary:
			'Make or unmake an operator; disable a user, which ends their sessions, or enable again. Somebody who is made an operator and is not confirmed needs a new password: the answer has the code for it',
	},
	issuePasswordReset: {
		method: 'POST',
		path: '/api/v1/users/:user_id/password-reset',
		notFound: 'user_not_found',
		credentials: 'user',
		permission: 'users:manage',
		status: 201,
		response: people.issuedCode,
		summary: 'Issue a one-time code to set a new password, good for a day; an earlier one ends',
	},
	listUserSessions: {
		method: 'GET',
		path: '/api/v1/users/:user_id/sessions',
		notFound: 'user_not_found',
		credentials: 'user',
		permission: 'users:manage',
		query: pageQuery,
		status: 200,
		response: sessions.sessionList,
		summary: 'Open sessions of a user, newest first',
	},
	endUserSession: {
		method: 'DELETE',
		path: '/api/v1/users/:user_id/sessions/:session_id',
		notFound: 'session_not_found',
		credentials: 'user',
		permission: 'users:manage',
		status: 200,
		response: sessions.sessionEnded,
		summary: 'End a session of a user; its tokens stop at once',
	},
	endUserSessions: {
		method: 'DELETE',
		path: '/api/v1/users/:user_id/sessions',
		notFound: 'user_not_found',
		credentials: 'user',
		permission: 'users:manage',
		status: 200,
		response: sessions.sessionsEnded,
		summary: 'End every session of a user',
	},
} as const satisfies Routes;
