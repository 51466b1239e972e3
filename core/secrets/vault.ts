import {createCipheriv, createDecipheriv, hkdfSync, randomBytes} from 'node:crypto';
import {SealError} from './errors.ts';
import type {SealedColumn} from './sealed-columns.ts';

const cipher = 'aes-256-gcm';
/** First byte of a sealed value, and part of what is authenticated. */
const version = 1;
const idBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + idBytes + nonceBytes;
/** The master keys are read again at most this often, in milliseconds. */
const rereadMs = 1000;

/** Seals what must be read back, each value for its own place: moved elsewhere it does not open. */
export type Vault = {
	/** Public id of the master key that seals now. */
	currentId: () => Buffer;
	/** Whether a sealed value is sealed with the current master key. */
	isCurrent: (sealed: Buffer) => boolean;
	/** @param rowId value of the row's id column */
	seal: (column: SealedColumn, rowId: string, plaintext: Uint8Array) => Buffer;
	/** @throws {SealError} for a master key that is not known, and for whatever was not sealed here */
	open: (column: SealedColumn, rowId: string, sealed: Buffer) => Buffer;
};

/** Names a master key without telling anything about it. */
export function masterKeyId(masterKey: Buffer): Buffer {
	return derive(masterKey, 'id').subarray(0, idBytes);
}

/**
 * AES-256-GCM, with a key per purpose derived from the master key by HKDF-SHA-256 (RFC 5869) and a
 * random nonce. A sealed value is: version, id of the master key, nonce, ciphertext, tag.
 *
 * @param masterKeys 32 bytes each: the first seals, all of them open
 * @param reread the master keys as they are now, asked when a value names one that is not known: a
 * rotation goes on while programs run. What it throws leaves the known ones in use.
 */
export function createVault(
	masterKeys: readonly Buffer[],
	reread?: () => readonly Buffer[],
): Vault {
	let known = byId(masterKeys);
	let readAt = Number.NEGATIVE_INFINITY;

	function find(id: Buffer): Buffer | undefined {
		const name = id.toString('hex');
		if (known.has(name) || reread === undefined || performance.now() - readAt < rereadMs) {
			return known.get(name);
		}
		readAt = performance.now();
		try {
			known = byId(reread());
		} catch {
			// Half a file, or none: the error of who asked says enough.
		}
		return known.get(name);
	}

	const current = () => {
		const [first] = known;
		if (first === undefined) throw new Error('a vault without a master key');
		return {id: Buffer.from(first[0], 'hex'), masterKey: first[1]};
	};

	return {
		currentId: () => current().id,
		isCurrent: (sealed) => sealed.subarray(1, 1 + idBytes).equals(current().id),

		seal(column, rowId, plaintext) {
			const {id, masterKey} = current();
			const nonce = randomBytes(nonceBytes);
			const encryption = createCipheriv(cipher, derive(masterKey, column.purpose), nonce);
			encryption.setAAD(placeBytes(column, rowId));
			const ciphertext = [encryption.update(plaintext), encryption.final()];
			return Buffer.concat([
				Buffer.from([version]),
				id,
				nonce,
				...ciphertext,
				encryption.getAuthTag(),
			]);
		},

		open(column, rowId, sealed) {
			const place = `${column.table}.${column.column} of ${rowId}`;
			if (sealed[0] !== version || sealed.length < headBytes + tagBytes) {
				throw new SealError(place, 'altered or moved');
			}
			const masterKey = find(sealed.subarray(1, 1 + idBytes));
			if (masterKey === undefined) throw new SealError(place, 'unknown master key');
			const nonce = sealed.subarray(1 + idBytes, headBytes);
			const decryption = createDecipheriv(cipher, derive(masterKey, column.purpose), nonce, {
				authTagLength: tagBytes,
			});
			decryption.setAAD(placeBytes(column, rowId));
			decryption.setAuthTag(sealed.subarray(-tagBytes));
			try {
				const plaintext = decryption.update(sealed.subarray(headBytes, -tagBytes));
				return Buffer.concat([plaintext, decryption.final()]);
			} catch {
				throw new SealError(place, 'altered or moved');
			}
		},
	};
}

function derive(masterKey: Buffer, purpose: string): Buffer {
	return Buffer.from(hkdfSync('sha256', masterKey, '', `latchkey ${purpose}`, 32));
}

function byId(masterKeys: readonly Buffer[]): Map<string, Buffer> {
	return new Map(masterKeys.map((key) => [masterKeyId(key).toString('hex'), key]));
}

/** What a sealed value is bound to. Names of tables and columns have no bar in them. */
function placeBytes({table, column}: SealedColumn, rowId: string): Buffer {
	return Buffer.from(`${table}|${column}|${rowId}|${version}`);
}
