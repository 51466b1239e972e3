import {createCipheriv, createDecipheriv, randomBytes} from 'node:crypto';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** What a box is longer than what is in it. */
export const boxBytes = nonceBytes + tagBytes;

/**
 * AES-256-GCM with a random nonce. A box is: nonce, ciphertext, tag.
 *
 * @param key 32 bytes
 * @param place what the box is bound to: given another one it does not open
 */
export function closeBox(key: Buffer, place: Buffer, plaintext: Uint8Array): Buffer {
	const nonce = randomBytes(nonceBytes);
	const encryption = createCipheriv(cipher, key, nonce);
	encryption.setAAD(place);
	const ciphertext = [encryption.update(plaintext), encryption.final()];
	return Buffer.concat([nonce, ...ciphertext, encryption.getAuthTag()]);
}

/** @returns what is in it; undefined where key or place are others, or the box was altered */
export function openBox(key: Buffer, place: Buffer, box: Buffer): Buffer | undefined {
	if (box.length < boxBytes) return undefined;
	const decryption = createDecipheriv(cipher, key, box.subarray(0, nonceBytes), {
		authTagLength: tagBytes,
	});
	decryption.setAAD(place);
	decryption.setAuthTag(box.subarray(-tagBytes));
	try {
		const plaintext = decryption.update(box.subarray(nonceBytes, -tagBytes));
		return Buffer.concat([plaintext, decryption.final()]);
	} catch {
		return undefined;
	}
}
