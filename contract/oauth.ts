import * as z from 'zod';

/** Where a token is asked for; other parameters are ignored (RFC 6749, 3.2). */
export const tokenRequest = z.object({
	grant_type: z.string({error: 'grant_type is required'}),
	client_id: z.string().optional(),
	client_secret: z.string().optional(),
	/** Refused: what a token may do is the role of its service account. */
	scope: z.string().optional(),
});

export const tokenAnswer = z.strictObject({
	access_token: z.string(),
	token_type: z.literal('Bearer'),
	expires_in: z.int(),
});

/** Authorization server metadata (RFC 8414, 2). */
export const authorizationServer = z.strictObject({
	issuer: z.url(),
	token_endpoint: z.url(),
	jwks_uri: z.url(),
	response_types_supported: z.tuple([]),
	grant_types_supported: z.tuple([z.literal('client_credentials')]),
	token_endpoint_auth_methods_supported: z.tuple([
		z.literal('client_secret_basic'),
		z.literal('client_secret_post'),
	]),
});

/** The body of an error of the token endpoint (RFC 6749, 5.2). */
export type OAuthErrorBody = {error: string; error_description: string};

export type TokenRequest = z.infer<typeof tokenRequest>;
export type AuthorizationServer = z.infer<typeof authorizationServer>;
