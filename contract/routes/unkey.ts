import * as unkey from '../unkey.ts';
import type {Routes} from '../route.ts';

/** What clients of Unkey ask. */
export const unkeyRoutes = {
	unkeyVerifyKey: {
		method: 'POST',
		path: '/v2/keys.verifyKey',
		setting: 'LATCHKEY_UNKEY_COMPAT',
		errorForm: 'unkey',
		credentials: 'any',
		permission: 'keys:verify',
		body: unkey.unkeyVerifyRequest,
		fromMemory: true,
		status: 200,
		response: unkey.unkeyVerification,
		summary: "Whether a key of the caller's organisation is valid, as clients of Unkey ask",
	},
} as const satisfies Routes;
