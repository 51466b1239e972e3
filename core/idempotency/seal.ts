import {createHmac, hkdfSync} from 'node:crypto';
import type {By} from '../actor.ts';
import {closeBox, openBox} from '../secrets/box.ts';
import {SealError} from '../secrets/errors.ts';
import {sealedColumns} from '../secrets/sealed-columns.ts';
import type {Vault} from '../secrets/vault.ts';

/**
 * How an answer is kept so that only a request which repeats the header can have it again: sealed
 * with a key of the header first, then by the vault. Of the header an HMAC is kept, by which the row
 * is found. So neither a dump nor the master key nor both of them open an answer, as far as the
 * header cannot be guessed; and a rotation of the master key seals the outside anew, without it.
 */

const column = sealedColumns.idempotentAnswer;
const fingerprintBytes = 32;
const statusBytes = 2;

export type KeptAnswer = {
	/** Of the request that was answered. */
	fingerprint: Buffer;
	status: number;
	body: Buffer;
};

/** Where the answer to a request is: another place for each organisation, caller and endpoint. */
export function lookupOf(
	secret: Buffer,
	{actor}: By,
	{header, organisationId, endpoint}: {header: string; organisationId: string; endpoint: string},
): Buffer {
	if (!('id' in actor)) throw new Error(`nobody is known to have sent it: ${actor.type}`);
	const scope = [organisationId, actor.type, actor.id, endpoint, header];
	return createHmac('sha256', secret).update(JSON.stringify(scope)).digest();
}

export function sealAnswer(
	vault: Vault,
	rowId: string,
	header: string,
	{fingerprint, status, body}: KeptAnswer,
): Buffer {
	const head = Buffer.alloc(statusBytes);
	head.writeUInt16BE(status);
	const inner = closeBox(
		keyOf(header, rowId),
		Buffer.from(rowId),
		Buffer.concat([fingerprint, head, body]),
	);
	return vault.seal(column, rowId, inner);
}

/** @throws {SealError} */
export function openAnswer(
	vault: Vault,
	rowId: string,
	header: string,
	sealed: Buffer,
): KeptAnswer {
	const inner = vault.open(column, rowId, sealed);
	const plaintext = openBox(keyOf(header, rowId), Buffer.from(rowId), inner);
	if (plaintext === undefined) {
		throw new SealError(`${column.table}.${column.column} of ${rowId}`, 'altered or moved');
	}
	return {
		fingerprint: plaintext.subarray(0, fingerprintBytes),
		status: plaintext.readUInt16BE(fingerprintBytes),
		body: plaintext.subarray(fingerprintBytes + statusBytes),
	};
}

/** Another key for each row: a header that is used in two places tells nothing of either. */
function keyOf(header: string, rowId: string): Buffer {
	return Buffer.from(hkdfSync('sha256', header, rowId, 'latchkey idempotent answer', 32));
}
