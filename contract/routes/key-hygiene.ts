import {keyHygiene, keyHygieneQuery} from '../key-hygiene.ts';
import type {Routes} from '../route.ts';

export const keyHygieneRoutes = {
	getKeyHygiene: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/key-hygiene',
		credentials: 'jwt',
		permission: 'keys:read',
		query: keyHygieneQuery,
		status: 200,
		response: keyHygiene,
		summary:
			'Which live API keys of the organisation somebody should look after, why, and the action that mends it, oldest first',
	},
} as const satisfies Routes;
