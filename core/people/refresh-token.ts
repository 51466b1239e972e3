import {createHmac, hash, randomBytes} from 'node:crypto';

const prefix = 'hklrt_';

/** An opaque refresh token: 256 bits; only its SHA-256 is stored. */
export function newRefreshToken(): string {
	return prefix + randomBytes(32).toString('base64url');
}

export function hashRefreshToken(token: string): Buffer {
	return hash('sha256', token, 'buffer');
}

/**
 * The token that replaces another. Derived, not random: two requests that exchange the same token
 * at the same time, or one that is repeated because its answer was lost, get the same successor,
 * although only hashes are stored. Without the key it cannot be computed from the old token.
 */
export function successorOf(token: string, key: Buffer): string {
	return prefix + createHmac('sha256', key).update(token).digest('base64url');
}
