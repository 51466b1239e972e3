import {hash, hkdfSync, timingSafeEqual} from 'node:crypto';

/** One key per purpose, derived from the master key with HKDF-SHA-256 (RFC 5869). */
export function deriveKey(
	masterKey: Buffer,
	purpose: 'cursor' | 'refresh-token' | 'fingerprint',
): Buffer {
	return Buffer.from(hkdfSync('sha256', masterKey, '', `latchkey ${purpose}`, 32));
}

/** Whether two secrets are the same, in a time that tells nothing: as hashes they are equally long. */
export function isSameSecret(given: string, expected: string): boolean {
	const digest = (text: string) => hash('sha256', text, 'buffer');
	return timingSafeEqual(digest(given), digest(expected));
}
