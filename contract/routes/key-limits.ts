import {limitedKeys} from '../key-limits.ts';
import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';

export const keyLimitsRoutes = {
	listLimitedKeys: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/limited-keys',
		credentials: 'jwt',
		permission: 'keys:read',
		query: pageQuery,
		status: 200,
		response: limitedKeys,
		summary:
			'API keys that were refused for a limit or quota in the last minute, the latest first; 100 unless `limit` says otherwise',
	},
} as const satisfies Routes;
