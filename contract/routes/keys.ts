import * as z from 'zod';
import * as keys from '../keys.ts';
import type {Routes} from '../route.ts';

export const keysRoutes = {
	listKeys: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/api-keys',
		credentials: 'jwt',
		permission: 'keys:read',
		query: keys.keyListQuery,
		tagged: true,
		status: 200,
		response: z.union([z.array(keys.fullKey), keys.keyList]),
		summary: 'API keys of an organisation, newest first, revoked ones included',
	},
	createKey: {
		method: 'POST',
		path: '/api/v1/organizations/:org_id/api-keys',
		credentials: 'jwt',
		permission: 'keys:create',
		teamPlan: true,
		body: keys.createKeyRequest,
		status: 201,
		response: z.union([keys.createdKeyWithExpiry, keys.createdKey]),
		summary: 'Create an API key; the answer is the only time the key is shown',
	},
	getKey: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/api-keys/:key_id',
		credentials: 'jwt',
		permission: 'keys:read',
		status: 200,
		response: keys.keyDetail,
		summary: 'One API key, with who made it and from where it was used last',
	},
	keyUsage: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/api-keys/:key_id/usage',
		credentials: 'jwt',
		permission: 'keys:read',
		query: keys.keyUsageQuery,
		status: 200,
		response: keys.keyUsage,
		summary:
			'How often a key was checked, by outcome, oldest first: each of the last 24 hours, or 30 days',
	},
	revokeKey: {
		method: 'DELETE',
		path: '/api/v1/organizations/:org_id/api-keys/:key_id',
		credentials: 'jwt',
		permission: 'keys:revoke',
		status: 200,
		response: keys.keyRevoked,
		summary: 'Revoke an API key for good',
	},
} as const satisfies Routes;
