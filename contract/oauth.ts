import * as z from 'zod';
import type {ErrorCode} from './errors.ts';
import {address} from './network-list.ts';
import {scopeParameter} from './scope-query.ts';

/** How a client may say who it is in a form, instead of in `Authorization` (RFC 6749, 2.3.1). */
const ofClient = {client_id: z.string().optional(), client_secret: z.string().optional()};

/** Where a token is asked for; other parameters are ignored (RFC 6749, 3.2). */
export const tokenRequest = z.object({
	grant_type: z.string({error: 'grant_type is required'}),
	...ofClient,
	/** Refused: what a token may do is the role of its service account. */
	scope: z.string().optional(),
});

export const tokenAnswer = z.strictObject({
	access_token: z.string(),
	token_type: z.literal('Bearer'),
	expires_in: z.int(),
});

const ofToken = {
	token: z.string({error: 'token is required'}),
	/** Ignored: a key is recognised by how it looks. */
	token_type_hint: z.string().optional(),
	...ofClient,
};

/** What is asked about a key (RFC 7662, 2.1). */
export const introspectionRequest = z.object({
	...ofToken,
	/** What the use needs: `orders.read eu`, all of it, or a query such as `orders.read AND (eu OR us)`. */
	scope: scopeParameter('scope').optional(),
	/** From where the key is used, as far as the asking service knows. */
	ip: address('ip').optional(),
});

/** What is told of a key that may be used so (RFC 7662, 2.2); absent is what it has not. */
const activeToken = z.strictObject({
	active: z.literal(true),
	/** With blanks between them; absent: it is not restricted to scopes. */
	scope: z.string().optional(),
	/** The id of the key, as is `jti`. */
	client_id: z.uuid(),
	/** Whose it is: the id of its owner, or of the chain of keys that it belongs to. */
	sub: z.string(),
	token_type: z.literal('Bearer'),
	/** In seconds since 1970, as are the others: its end, or that of its grace if it was rotated. */
	exp: z.int().optional(),
	iat: z.int(),
	nbf: z.int().optional(),
	iss: z.url(),
	jti: z.uuid(),
	lineage_id: z.uuid(),
	organization_id: z.uuid(),
	name: z.string(),
	owner: z.strictObject({type: z.string(), id: z.string()}).optional(),
});

/** Nothing is told of any other token, nor why (RFC 7662, 2.2). */
const inactiveToken = z.strictObject({active: z.literal(false)});

export const introspection = z.union([activeToken, inactiveToken]);

/** What is to be revoked (RFC 7009, 2.1). */
export const revocationRequest = z.object(ofToken);

/** Whatever has become of it (RFC 7009, 2.2). */
export const revocationAnswer = z.literal('');

const secretMethods = [z.literal('client_secret_basic'), z.literal('client_secret_post')] as const;

/** Authorization server metadata (RFC 8414, 2). */
export const authorizationServer = z.strictObject({
	issuer: z.url(),
	token_endpoint: z.url(),
	jwks_uri: z.url(),
	response_types_supported: z.tuple([]),
	grant_types_supported: z.tuple([z.literal('client_credentials')]),
	token_endpoint_auth_methods_supported: z.tuple(secretMethods),
	introspection_endpoint: z.url(),
	/** `Bearer` is a type of access tokens, which RFC 8414 allows here: a JWT or an API key. */
	introspection_endpoint_auth_methods_supported: z.tuple([...secretMethods, z.literal('Bearer')]),
	revocation_endpoint: z.url(),
	revocation_endpoint_auth_methods_supported: z.tuple([...secretMethods, z.literal('none')]),
});

/** What a refusal is called in OAuth: a role is to a service account what scopes are to a token (RFC 6750, 3.1). */
export function oauthErrorOf(code: ErrorCode): ErrorCode {
	return code === 'role_required' ? 'insufficient_scope' : code;
}

/** The body of a refusal to an OAuth client (RFC 6749, 5.2). */
export type OAuthErrorBody = {error: string; error_description: string};

export type ClientForm = z.infer<z.ZodObject<typeof ofClient>>;
export type AuthorizationServer = z.infer<typeof authorizationServer>;
export type Introspection = z.infer<typeof introspection>;
