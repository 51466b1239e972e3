import {createHmac} from 'node:crypto';
import {newOpaqueToken, type OpaquePrefix} from './opaque-token.ts';

const prefix: OpaquePrefix = 'hklrt_';

export function newRefreshToken(): string {
	return newOpaqueToken(prefix);
}

/**
 * The token that replaces another. Derived, not random: two requests that exchange the same token
 * at the same time, or one that is repeated because its answer was lost, get the same successor,
 * although only hashes are stored. Without the key it cannot be computed from the old token.
 */
export function successorOf(token: string, key: Buffer): string {
	return prefix + createHmac('sha256', key).update(token).digest('base64url');
}
