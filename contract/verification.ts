import * as z from 'zod';
import {answersIn} from './key-terms.ts';
import {address} from './network-list.ts';
import {plan} from './organisations.ts';
import {verificationCodes} from './outcomes.ts';
import {scopeQuery, scopeQueryText} from './scope-query.ts';
import {heldLimits} from './key-limits.ts';
import {limitNames, namedLimits, wholeNumberText} from './limits-asked.ts';
import {maxLimit, maxQuota, wholeNumber} from './rate-limits.ts';
import {choice, timestamp} from './text.ts';

export const verifyRequest = z.strictObject({
	key: z.string({error: 'key is required'}).max(4096, {error: 'key is too long'}),
	/** From where the key is used, as far as the asking service knows. */
	ip: address('ip').optional(),
	/** What the use needs: `orders.read AND (eu OR us)`, or a list of scopes that are all needed. */
	scopes: scopeQuery('scopes').optional(),
	/** Limits of the key that are charged beside those of every use, with what is taken of each. */
	limits: namedLimits('limits').optional(),
	/** What is taken of its quota; absent: what that says itself. */
	quota_cost: wholeNumber('quota_cost', 0, maxQuota).optional(),
});

/** What a proxied request needs, and what it needs besides if it reads, or does anything else. */
export const forwardAuthQuery = z.strictObject({
	scopes: scopeQueryText('scopes').optional(),
	scopes_read: scopeQueryText('scopes_read').optional(),
	scopes_write: scopeQueryText('scopes_write').optional(),
	/** Names of limits that are charged beside those of every use, with commas between. */
	limit: limitNames('limit').optional(),
	/** What is taken of each limit that is charged; absent: what that says itself. */
	cost: wholeNumberText('cost', 0, maxLimit).optional(),
	/** Whether a JWT passes too, or a key only; absent: `any`. */
	credentials: choice('credentials', ['any', 'api_key']).optional(),
	/** How a refusal is answered: by its own status, or always by 403; absent: `status`. */
	deny: choice('deny', ['status', '403']).optional(),
});

/** All but `valid` and `code` are null for a key that the caller's organisation does not have. */
export const verification = z.strictObject({
	valid: z.boolean(),
	code: z.enum(verificationCodes),
	key_id: z.uuid().nullable(),
	name: z.string().nullable(),
	organization_id: z.uuid().nullable(),
	...answersIn('verification'),
	/** Those of the key, where scopes were asked for; null: it is not restricted, or not known. */
	scopes: z.array(z.string()).nullable().optional(),
	/** Those that were asked for and that it lacks, if that is why it is refused. */
	missing_scopes: z.array(z.string()).nullable().optional(),
	/** What of the key the use was held against, where limits or a cost were given. */
	...heldLimits.partial().shape,
});

export const keySelf = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	organization_id: z.uuid(),
	plan,
	created_at: timestamp,
	...answersIn('self'),
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
	/** Of a key: the id of the first one of its chain, which rotations do not change. */
	lineage: 'X-Auth-Lineage',
	/** Of a key that has an owner: `team/payments`, each part percent-encoded (RFC 3986, 2.1). */
	owner: 'X-Auth-Owner',
	/** Of a key that is restricted to scopes, with blanks between them. */
	scopes: 'X-Auth-Scopes',
	/** `1`: the key is restricted, and its scopes are too long to be told, or there are none. */
	scopesOmitted: 'X-Auth-Scopes-Omitted',
} as const;

export type VerifyRequest = z.output<typeof verifyRequest>;
export type Verification = z.infer<typeof verification>;
export type KeySelf = z.infer<typeof keySelf>;
export type ForwardAuth = z.infer<typeof forwardAuth>;
