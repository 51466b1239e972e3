import {decisionsQuery, keyDecisions} from '../decisions.ts';
import type {Routes} from '../route.ts';

export const decisionsRoutes = {
	listDecisions: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/decisions',
		credentials: 'jwt',
		permission: 'audit:read',
		query: decisionsQuery,
		errors: ['api_key_not_found', 'too_many_watches'],
		status: 200,
		response: keyDecisions,
		summary:
			'What is decided about the keys of an organisation at this moment, some of it, since the last question',
	},
} as const satisfies Routes;
