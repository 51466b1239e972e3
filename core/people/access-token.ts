import {createPublicKey, randomUUID, type KeyObject} from 'node:crypto';
import {calculateJwkThumbprint, errors, exportJWK, jwtVerify, SignJWT} from 'jose';

/** Lifetime of an access token, in seconds. */
export const accessTokenSeconds = 600;
const maxTokenLength = 8192;
const algorithm = 'EdDSA';
const type = 'at+jwt';
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export type AccessClaims = {userId: string; sessionId: string; expiresAt: number};

export type AccessTokens = {
	issue(user: {userId: string; sessionId: string}): Promise<string>;
	/** @returns undefined for whatever is not a token of ours that is valid now */
	verify(token: string): Promise<AccessClaims | undefined>;
};

/**
 * Access tokens of this appliance: JWTs of RFC 9068 (`at+jwt`), signed with Ed25519.
 *
 * jose checks signature, algorithm, issuer, audience and times. It accepts more spellings of a
 * token than one, though, and any extra header, so a token must also be written exactly as we
 * write it: canonical base64url, and the very header of our key. That leaves no room for `none`,
 * another algorithm, `kid`, `jku`, `crit` or duplicate members.
 */
export async function accessTokens(options: {
	signingKey: KeyObject;
	issuer: string;
	clockSkewSeconds: number;
	now?: () => number;
}): Promise<AccessTokens> {
	const {signingKey, issuer, clockSkewSeconds, now = Date.now} = options;
	const audience = `${issuer}/api`;
	const publicKey = createPublicKey(signingKey);
	const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
	const header = {alg: algorithm, typ: type, kid};
	const encodedHeader = Buffer.from(JSON.stringify(header)).toString('base64url');

	return {
		async issue({userId, sessionId}) {
			const issuedAt = Math.floor(now() / 1000);
			return new SignJWT({sid: sessionId})
				.setProtectedHeader(header)
				.setIssuer(issuer)
				.setAudience(audience)
				.setSubject(userId)
				.setJti(randomUUID())
				.setIssuedAt(issuedAt)
				.setExpirationTime(issuedAt + accessTokenSeconds)
				.sign(signingKey);
		},

		async verify(token) {
			if (token.length > maxTokenLength || !isCanonical(token)) return undefined;
			if (!token.startsWith(`${encodedHeader}.`)) return undefined;
			try {
				const {payload} = await jwtVerify(token, publicKey, {
					algorithms: [algorithm],
					typ: type,
					issuer,
					audience,
					clockTolerance: clockSkewSeconds,
					currentDate: new Date(now()),
					requiredClaims: ['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp'],
				});
				const {sub, sid, iat, exp} = payload;
				if (typeof sub !== 'string' || sub.length < 1 || sub.length > 255) return undefined;
				if (typeof sid !== 'string' || !uuid.test(sid) || !isInstant(iat) || !isInstant(exp))
					return undefined;
				const seconds = now() / 1000;
				if (iat > seconds + clockSkewSeconds || exp > seconds + 86_400) return undefined;
				return {userId: sub, sessionId: sid, expiresAt: exp};
			} catch (error) {
				if (error instanceof errors.JOSEError) return undefined;
				throw error;
			}
		},
	};
}

/** Three parts of base64url that encode back to themselves: a token has one spelling (RFC 7515, 2). */
function isCanonical(token: string): boolean {
	const parts = token.split('.');
	return (
		parts.length === 3 &&
		parts.every(
			(part) => part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part,
		)
	);
}

function isInstant(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
