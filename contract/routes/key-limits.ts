import {headers} from '../errors.ts';
import {changeQuotaRequest, keyLimitsState, limitedKeys, usedQuota} from '../key-limits.ts';
import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';

const ofKey = '/api/v1/organizations/:org_id/api-keys/:key_id';

export const keyLimitsRoutes = {
	getKeyLimits: {
		method: 'GET',
		path: `${ofKey}/limits`,
		notFound: 'api_key_not_found',
		credentials: 'jwt',
		permission: 'keys:read',
		status: 200,
		response: keyLimitsState,
		summary:
			'How much is left of the limits and quotas of a key, also of those it shares; takes nothing of them',
	},
	changeKeyQuota: {
		method: 'POST',
		path: `${ofKey}/quota`,
		notFound: 'api_key_not_found',
		credentials: 'jwt',
		permission: 'keys:quota',
		body: changeQuotaRequest,
		idempotent: true,
		errors: ['key_revoked', 'no_quota'],
		headers: [headers.revocation],
		status: 200,
		response: usedQuota,
		summary:
			'Set what was used of the quota of a key in the period that is running, or add to it; `add` may be below 0',
	},
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
