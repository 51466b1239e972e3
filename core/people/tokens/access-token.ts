import {randomUUID, type KeyObject} from 'node:crypto';
import {errors, jwtVerify, SignJWT} from 'jose';
import {claimsOf, subjectOf, type TokenSubject} from './access-claims.ts';
import {hasSoundTimes, isCompactToken} from '../../token-form.ts';

/** Lifetime of an access token, in seconds. */
export const accessTokenSeconds = 600;
const algorithm = 'EdDSA';
const type = 'at+jwt';

export type AccessClaims = TokenSubject & {expiresAt: number};

export type AccessTokens = {
	issue(subject: TokenSubject): Promise<string>;
	/** @returns undefined for whatever is not a token of ours that is valid now */
	verify(token: string): Promise<AccessClaims | undefined>;
};

/** What signs and verifies; see core/signing/keys.ts. */
export type TokenKeys = {
	current: (purpose: 'access_token') => {kid: string; privateKey: KeyObject};
	find: (purpose: 'access_token', kid: string) => Promise<KeyObject | undefined>;
};

/**
 * Access tokens of this appliance: JWTs of RFC 9068 (`at+jwt`), signed with Ed25519.
 *
 * jose checks signature, algorithm, issuer, audience and times. It accepts more spellings of a
 * token than one, though, and any extra header, so a token must also be written exactly as we
 * write it: canonical base64url, and the very header of one of our keys. That leaves no room for
 * `none`, another algorithm, `jku`, `crit`, duplicate members, or a `kid` that is not a thumbprint.
 */
export function createAccessTokens(options: {
	keys: TokenKeys;
	issuer: string;
	clockSkewSeconds: number;
	/** By the clock that all servers share: see Clock. */
	now: () => number;
}): AccessTokens {
	const {keys, issuer, clockSkewSeconds, now} = options;
	const audience = `${issuer}/api`;

	return {
		async issue(subject) {
			const issuedAt = Math.floor(now() / 1000);
			const {kid, privateKey} = keys.current('access_token');
			return new SignJWT(claimsOf(subject))
				.setProtectedHeader(headerOf(kid))
				.setIssuer(issuer)
				.setAudience(audience)
				.setJti(randomUUID())
				.setIssuedAt(issuedAt)
				.setExpirationTime(issuedAt + accessTokenSeconds)
				.sign(privateKey);
		},

		async verify(token) {
			if (!isCompactToken(token)) return undefined;
			const kid = keyIdOf(token);
			const publicKey = kid === undefined ? undefined : await keys.find('access_token', kid);
			if (publicKey === undefined) return undefined;
			try {
				const {payload} = await jwtVerify(token, publicKey, {
					algorithms: [algorithm],
					typ: type,
					issuer,
					audience,
					clockTolerance: clockSkewSeconds,
					currentDate: new Date(now()),
					requiredClaims: ['iss', 'aud', 'sub', 'jti', 'iat', 'exp'],
				});
				const subject = subjectOf(payload);
				if (subject === undefined) return undefined;
				if (!hasSoundTimes(payload, now(), clockSkewSeconds)) return undefined;
				return {...subject, expiresAt: payload.exp};
			} catch (error) {
				if (error instanceof errors.JOSEError) return undefined;
				throw error;
			}
		},
	};
}

function headerOf(kid: string) {
	return {alg: algorithm, typ: type, kid};
}

/** The key id of a token whose header is written as we write it. */
function keyIdOf(token: string): string | undefined {
	const header = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString();
	const kid = /"kid":"([\w-]{43})"\}$/.exec(header)?.[1];
	return kid !== undefined && header === JSON.stringify(headerOf(kid)) ? kid : undefined;
}
