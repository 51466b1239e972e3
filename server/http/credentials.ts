import type {IncomingHttpHeaders} from 'node:http';

/** What a request presents, before anything is looked up. */
export type Credential =
	| {kind: 'none'}
	/** Something was sent that cannot be a credential; it is refused, never passed over. */
	| {kind: 'malformed'; reason: 'duplicate_header' | 'scheme' | 'value'}
	| {kind: 'api_key'; value: string}
	| {kind: 'jwt'; value: string};

type DistinctHeaders = Readonly<Record<keyof IncomingHttpHeaders, readonly string[] | undefined>>;

const mostApiKeyLength = 512;

/**
 * Chooses the credential that counts; first match wins, and a bad one is never passed over:
 * `Authorization: Bearer <prefix>…`, then `X-API-Key: <prefix>…`, then `Authorization: Bearer <JWT>`.
 *
 * Node keeps the first of two Authorization lines and joins two X-API-Key lines, a proxy may do
 * otherwise: a line that comes twice is therefore malformed (RFC 9110, 5.3).
 *
 * @param headers `headersDistinct` of the request
 */
export function chooseCredential(headers: DistinctHeaders, keyPrefix: string): Credential {
	const authorizations = headers['authorization'] ?? [];
	const apiKeys = headers['x-api-key'] ?? [];
	if (authorizations.length > 1 || apiKeys.length > 1) {
		return {kind: 'malformed', reason: 'duplicate_header'};
	}
	const authorization = authorizations[0];
	const apiKey = apiKeys[0] === undefined ? undefined : withoutBlanks(apiKeys[0]);
	const bearer = authorization === undefined ? undefined : bearerToken(authorization);
	if (bearer?.startsWith(keyPrefix)) return {kind: 'api_key', value: bearer};
	if (apiKey !== undefined && (authorization === undefined || apiKey.startsWith(keyPrefix))) {
		if (apiKey.length > mostApiKeyLength || !/^[\x21-\x2B\x2D-\x7E]+$/.test(apiKey)) {
			return {kind: 'malformed', reason: 'value'};
		}
		// A Bearer credential that is broken decides; another scheme is not ours to judge.
		if (bearer === '') return {kind: 'malformed', reason: 'scheme'};
		return {kind: 'api_key', value: apiKey};
	}
	if (authorization === undefined) return {kind: 'none'};
	if (bearer === undefined || bearer === '') return {kind: 'malformed', reason: 'scheme'};
	return {kind: 'jwt', value: bearer};
}

/**
 * A value without the blanks around it (RFC 9110, 5.5): `trim` would also take away what no header
 * field may hold, and an expression for the end of a text begins anew at each blank inside it.
 */
function withoutBlanks(value: string): string {
	let start = 0;
	let end = value.length;
	while (start < end && isBlank(value.charCodeAt(start))) start++;
	while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
	return value.slice(start, end);
}

function isBlank(code: number): boolean {
	return code === 0x20 || code === 0x09;
}

const usualScheme = 'Bearer ';
const isOfToken = Uint8Array.from({length: 128}, (_, code) =>
	/[\w.~+/=-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Whether a text is a token to its end, from some place on. */
function isToken(text: string, from: number): boolean {
	for (let i = from; i < text.length; i++) {
		if (isOfToken[text.charCodeAt(i)] !== 1) return false;
	}
	return text.length > from;
}

/**
 * The token of a Bearer credential (RFC 6750, 2.1): scheme in any case, one or more spaces, one
 * token.
 *
 * @returns undefined for another scheme, '' for a Bearer without a proper token
 */
function bearerToken(authorization: string): string | undefined {
	// As nearly all write it: an expression takes three times as long.
	if (authorization.startsWith(usualScheme) && isToken(authorization, usualScheme.length)) {
		return authorization.slice(usualScheme.length);
	}
	const token = /^bearer +([\w.~+/=-]+) *$/i.exec(authorization)?.[1];
	if (token !== undefined) return token;
	return /^bearer\b/i.test(authorization) ? '' : undefined;
}
