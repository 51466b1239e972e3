import type {KeyObject} from 'node:crypto';
import {errors, jwtVerify, type JWTPayload} from 'jose';
import {findJsonFault} from '../json-text.ts';
import {hasSoundTimes, isCompactToken, isSubject} from '../token-form.ts';
import type {Algorithm} from './algorithms.ts';
import type {IdentityProvider} from './provider.ts';
import type {Claims} from './rights.ts';

/** Access tokens are sent by callers; ID tokens come from the provider itself, at a login. */
export type TokenKind = 'access' | 'id';

export type TokenVerdict =
	| {kind: 'good'; claims: Claims}
	| {kind: 'refused'; reason: TokenFault}
	/** There are no keys to judge by. */
	| {kind: 'unavailable'};

export type TokenFault =
	| 'form'
	| 'header'
	| 'algorithm'
	| 'type'
	| 'key'
	| 'signature'
	| 'expired'
	| 'times'
	| 'audience'
	| 'subject'
	| 'id token'
	| 'claims';

/** @returns undefined: no such key; 'unavailable': no keys at all */
export type FindKey = (
	kid: string | undefined,
	algorithm: Algorithm,
) => Promise<KeyObject | 'unavailable' | undefined>;

type Options = {
	provider: IdentityProvider;
	findKey: FindKey;
	clockSkewSeconds: number;
	/** Milliseconds since the epoch. */
	now: number;
};

/**
 * Checks a token of a provider: form, header, signature, issuer, audience, times and subject.
 *
 * jose checks the signature and registered claims; everything here is about what it takes although
 * nobody honest sends it (RFC 8725), and about what an ID token has that an access token has not.
 */
export async function checkToken(
	token: string,
	kind: TokenKind,
	options: Options,
): Promise<TokenVerdict> {
	const {provider, findKey, clockSkewSeconds} = options;
	const header = isCompactToken(token) ? readPart(token, 0) : undefined;
	if (header === undefined || readPart(token, 1) === undefined) return refuse('form');
	if (strangeMembers.some((member) => Object.hasOwn(header, member))) return refuse('header');
	const {alg, kid, typ} = header;
	const algorithm = provider.algorithms.find((each) => each === alg);
	if (algorithm === undefined) return refuse('algorithm');
	if (!isRightType(typ, kind, provider)) return refuse('type');
	if (kid !== undefined && !isKeyId(kid)) return refuse('key');
	const key = await findKey(kid, algorithm);
	if (key === 'unavailable') return {kind: 'unavailable'};
	if (key === undefined) return refuse('key');
	try {
		const {payload} = await jwtVerify(token, key, {
			algorithms: [algorithm],
			issuer: provider.issuer,
			clockTolerance: clockSkewSeconds,
			currentDate: new Date(options.now),
			requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp'],
		});
		if (!hasSoundTimes(payload, options.now, clockSkewSeconds)) return refuse('times');
		if (!isSubject(payload.sub)) return refuse('subject');
		const fault = kind === 'access' ? accessFault(payload, provider) : idFault(payload, provider);
		return fault === undefined ? {kind: 'good', claims: payload} : refuse(fault);
	} catch (error) {
		if (error instanceof errors.JOSEError) return refuse(faultOf(error));
		throw error;
	}
}

/** Who a token says issued it, before anything of it is believed: tells whose keys to ask for. */
export function claimedIssuer(token: string): string | undefined {
	const payload = isCompactToken(token) ? readPart(token, 1) : undefined;
	const issuer = payload?.['iss'];
	return typeof issuer === 'string' ? issuer : undefined;
}

function refuse(reason: TokenFault): TokenVerdict {
	return {kind: 'refused', reason};
}

/** Members that would have us fetch or trust a key, or read the token in another way. */
const strangeMembers = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc', 'cty'];

/** A part that is a JSON object in which no member is named twice. */
function readPart(token: string, index: 0 | 1): Claims | undefined {
	const text = Buffer.from(token.split('.')[index] ?? '', 'base64url').toString();
	if (findJsonFault(text) !== undefined) return undefined;
	try {
		const value: unknown = JSON.parse(text);
		const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
		return isObject ? (value as Claims) : undefined;
	} catch {
		return undefined;
	}
}

function isRightType(typ: unknown, kind: TokenKind, {accessTokenType}: IdentityProvider): boolean {
	if (kind === 'access' && accessTokenType === 'at+jwt') {
		return isType(typ, 'at+jwt') || isType(typ, 'application/at+jwt');
	}
	return typ === undefined || isType(typ, 'JWT');
}

/** Media types are compared without regard to case (RFC 2045, 5.1). */
function isType(typ: unknown, expected: string): boolean {
	return typeof typ === 'string' && typ.toLowerCase() === expected.toLowerCase();
}

function isKeyId(kid: unknown): kid is string {
	return typeof kid === 'string' && kid.length >= 1 && kid.length <= 256;
}

/** What only tokens have that are not access tokens: ID tokens, logout tokens, Keycloak's others. */
function accessFault(payload: JWTPayload, provider: IdentityProvider): TokenFault | undefined {
	const audiences = audiencesOf(payload);
	if (audiences?.includes(provider.audience) !== true) return 'audience';
	const clientId = provider.device?.clientId;
	if (clientId !== undefined && audiences.includes(clientId)) return 'id token';
	if (provider.accessTokenType === 'at+jwt') return undefined;
	const isOther = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'].some((claim) =>
		Object.hasOwn(payload, claim),
	);
	const {typ} = payload;
	return isOther || (typ !== undefined && !isType(typ, 'Bearer')) ? 'id token' : undefined;
}

/** For us alone (OpenID Connect Core, 3.1.3.7, 3 to 5). */
function idFault(payload: JWTPayload, {device}: IdentityProvider): TokenFault | undefined {
	const audiences = audiencesOf(payload);
	if (device === undefined || audiences?.length !== 1 || audiences[0] !== device.clientId) {
		return 'audience';
	}
	const {azp} = payload;
	return azp === undefined || azp === device.clientId ? undefined : 'audience';
}

/** @returns undefined where it is neither a text nor a list of texts */
function audiencesOf({aud}: JWTPayload): readonly string[] | undefined {
	const list: unknown = typeof aud === 'string' ? [aud] : aud;
	if (!Array.isArray(list) || !list.every((each) => typeof each === 'string')) return undefined;
	return list;
}

function faultOf(error: errors.JOSEError): TokenFault {
	if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
	if (error instanceof errors.JWTExpired) return 'expired';
	return 'claims';
}
