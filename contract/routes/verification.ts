import * as z from 'zod';
import {headers} from '../errors.ts';
import {keyRevoked} from '../keys.ts';
import * as verification from '../verification.ts';
import type {Routes} from '../route.ts';

export const verificationRoutes = {
	verifyKey: {
		method: 'POST',
		path: '/api/v1/keys/verify',
		credentials: 'any',
		permission: 'keys:verify',
		query: verification.verifyQuery,
		requestHeaders: ['Cache-Control'],
		body: verification.verifyRequest,
		fromMemory: true,
		status: 200,
		response: verification.verification,
		summary: "Whether a key of the caller's organisation is valid, and why not; always 200",
	},
	verifyKeys: {
		method: 'POST',
		path: '/api/v1/keys/verify/batch',
		credentials: 'any',
		permission: 'keys:verify',
		query: verification.verifyQuery,
		requestHeaders: ['Cache-Control'],
		body: verification.verifyBatchRequest,
		fromMemory: true,
		status: 200,
		response: verification.verifications,
		summary:
			'The same of up to 100 keys at once, in their order; a bad one does not fail the others',
	},
	explainKey: {
		method: 'POST',
		path: '/api/v1/organizations/:org_id/api-keys/:key_id/explain',
		notFound: 'api_key_not_found',
		credentials: 'jwt',
		permission: 'keys:read',
		body: verification.explainKeyRequest,
		status: 200,
		response: verification.keyExplanation,
		summary:
			'Whether a use of a key would be accepted, step by step; nothing is charged, counted or recorded',
	},
	keySelf: {
		method: 'GET',
		path: '/api/v1/keys/self',
		credentials: 'api_key',
		limits: 'read',
		query: verification.keySelfQuery,
		fromMemory: true,
		status: 200,
		response: verification.anyKeySelf,
		summary: 'The presented key describes itself',
	},
	revokeSelf: {
		method: 'POST',
		path: '/api/v1/keys/self/revoke',
		credentials: 'api_key',
		limits: 'none',
		body: z.strictObject({}),
		errors: ['upgrade_in_progress'],
		headers: [headers.revocation],
		status: 200,
		response: keyRevoked,
		summary: 'The presented key revokes itself for good',
	},
	forwardAuth: {
		method: 'GET',
		path: '/api/v1/forward-auth',
		credentials: 'any',
		permission: 'forward-auth:use',
		subject: true,
		query: verification.forwardAuthQuery,
		fromMemory: true,
		headers: Object.values(verification.authHeaders),
		requestHeaders: ['X-Forwarded-Method', 'X-Original-Method'],
		status: 200,
		response: verification.forwardAuth,
		// Envoy's ext_authz puts the path that it was asked for behind its prefix, and keeps the method.
		covers: true,
		deniable: true,
		errors: ['api_key_required'],
		summary: "A reverse proxy's subrequest: 200 with X-Auth-… headers, else 401, 403 or 429",
	},
} as const satisfies Routes;
