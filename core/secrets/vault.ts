import {hkdfSync} from 'node:crypto';
import {boxBytes, closeBox, openBox} from './box.ts';
import {SealError} from './errors.ts';
import type {SealedColumn} from './sealed-columns.ts';

/** First byte of a sealed value, and part of what is authenticated. */
const version = 1;
const idBytes = 8;
const headBytes = 1 + idBytes;
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
		isCurrent: (sealed) => sealed.subarray(1, headBytes).equals(current().id),

		seal(column, rowId, plaintext) {
			const {id, masterKey} = current();
			const key = derive(masterKey, column.purpose);
			const box = closeBox(key, placeBytes(column, rowId), plaintext);
			return Buffer.concat([Buffer.from([version]), id, box]);
		},

		open(column, rowId, sealed) {
			const place = `${column.table}.${column.column} of ${rowId}`;
			if (sealed[0] !== version || sealed.length < headBytes + boxBytes) {
				throw new SealError(place, 'altered or moved');
			}
			const masterKey = find(sealed.subarray(1, headBytes));
			if (masterKey === undefined) throw new SealError(place, 'unknown master key');
			const key = derive(masterKey, column.purpose);
			const plaintext = openBox(key, placeBytes(column, rowId), sealed.subarray(headBytes));
			if (plaintext === undefined) throw new SealError(place, 'altered or moved');
			return plaintext;
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
