import type {Routes} from '../route.ts';
import {keySet} from '../signing-keys.ts';

export const signingKeysRoutes = {
	jwks: {
		method: 'GET',
		path: '/.well-known/jwks.json',
		credentials: 'none',
		fromMemory: true,
		status: 200,
		response: keySet,
		summary: 'Public keys that verify access tokens (RFC 7517)',
	},
	auditKeys: {
		method: 'GET',
		path: '/.well-known/audit-keys.json',
		credentials: 'none',
		fromMemory: true,
		status: 200,
		response: keySet,
		summary: 'Public keys that verify signed heads of the audit trail; none ever leaves this list',
	},
} as const satisfies Routes;
