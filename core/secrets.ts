import {hkdfSync} from 'node:crypto';

/** One key per purpose, derived from the master key with HKDF-SHA-256 (RFC 5869). */
export function deriveKey(
	masterKey: Buffer,
	purpose: 'cursor' | 'refresh-token' | 'fingerprint',
): Buffer {
	return Buffer.from(hkdfSync('sha256', masterKey, '', `latchkey ${purpose}`, 32));
}
