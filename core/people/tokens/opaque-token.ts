import {hash, randomBytes} from 'node:crypto';

/**
 * What only its holder knows: refresh tokens, one-time codes for an invitation and a new password,
 * and the code of a login that waits for its approval. The prefix lets a person, a log scrubber and a secret scanner recognise it.
 */
export type OpaquePrefix = 'hklrt_' | 'lkin_' | 'lkpw_' | 'lkdc_';

/** 256 bits after a prefix; only its SHA-256 is stored. */
export function newOpaqueToken(prefix: OpaquePrefix): string {
	return prefix + randomBytes(32).toString('base64url');
}

export function hashOpaqueToken(token: string): Buffer {
	return hash('sha256', token, 'buffer');
}
