import * as verification from '../verification.ts';
import type {Routes} from '../route.ts';

export const verificationRoutes = {
	verifyKey: {
		method: 'POST',
		path: '/api/v1/keys/verify',
		credentials: 'any',
		permission: 'keys:verify',
		body: verification.verifyRequest,
		status: 200,
		response: verification.verification,
		summary: "Whether a key of the caller's organisation is valid, and why not; always 200",
	},
	keySelf: {
		method: 'GET',
		path: '/api/v1/keys/self',
		credentials: 'api_key',
		status: 200,
		response: verification.keySelf,
		summary: 'The presented key describes itself',
	},
	forwardAuth: {
		method: 'GET',
		path: '/api/v1/forward-auth',
		credentials: 'any',
		permission: 'forward-auth:use',
		status: 200,
		response: verification.forwardAuth,
		summary: "A reverse proxy's subrequest: 200 with X-Auth-… headers, else 401 or 403",
	},
} as const satisfies Routes;
