import * as z from 'zod';
import {plan} from './organisations.ts';
import {timestamp} from './text.ts';

/** Why a key is or is not valid, for callers who may know; in the order in which it is checked. */
export const verificationCodes = [
	'MALFORMED',
	'NOT_FOUND',
	'REVOKED',
	'EXPIRED',
	'PLAN_INACTIVE',
	'VALID',
] as const;

export type VerificationCode = (typeof verificationCodes)[number];

export const verifyRequest = z.strictObject({
	key: z.string({error: 'key is required'}).max(4096, {error: 'key is too long'}),
});

/** All but `valid` and `code` are null for a key that the caller's organisation does not have. */
export const verification = z.strictObject({
	valid: z.boolean(),
	code: z.enum(verificationCodes),
	key_id: z.uuid().nullable(),
	name: z.string().nullable(),
	organization_id: z.uuid().nullable(),
	expires_at: timestamp.nullable(),
});

export const keySelf = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	organization_id: z.uuid(),
	plan,
	created_at: timestamp,
	expires_at: timestamp.nullable(),
});

/** The answer of a proxy's subrequest; the same facts ride in `X-Auth-…` headers. */
export const forwardAuth = z.strictObject({
	auth_method: z.enum(['api_key', 'jwt']),
	key_id: z.uuid().nullable(),
	user_id: z.uuid().nullable(),
	organization_id: z.uuid(),
});

/** Headers that tell a proxied service who called; a proxy must overwrite the client's own. */
export const authHeaders = {
	method: 'X-Auth-Method',
	key: 'X-Auth-Key-Id',
	user: 'X-Auth-User-Id',
	organization: 'X-Auth-Organization',
} as const;

export type Verification = z.infer<typeof verification>;
export type KeySelf = z.infer<typeof keySelf>;
export type ForwardAuth = z.infer<typeof forwardAuth>;
