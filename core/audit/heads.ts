import {createPublicKey, verify, type KeyObject} from 'node:crypto';
import type {Knex} from 'knex';
import type {Signer} from '../signing/keys.ts';
import {listSigningKeys, type PublicKey} from '../signing/store.ts';
import type {Finding, Head} from './chain.ts';

export type SignedHead = Head & {keyId: string; signature: Buffer};

/** A head kept outside the database; one that was read aloud or copied may name no key. */
export type HeldHead = Head & {keyId?: string | undefined; signature?: Buffer | undefined};

/** Public halves of the audit keys, by id. */
export type AuditKeys = ReadonlyMap<string, KeyObject>;

export function auditKeys(published: readonly (PublicKey & {kid: string})[]): AuditKeys {
	return new Map(
		published.map(({kid, kty, crv, x}) => [
			kid,
			createPublicKey({key: {kty, crv, x}, format: 'jwk'}),
		]),
	);
}

/** Those that the database knows, also of earlier times. */
export async function readAuditKeys(db: Knex): Promise<AuditKeys> {
	const rows = (await listSigningKeys(db)).filter(({purpose}) => purpose === 'audit');
	return auditKeys(rows.map(({kid, public_jwk: jwk}) => ({...jwk, kid})));
}

/** The bytes that are signed for a head. The first line says what they are and in which version. */
export function headBytes({chain, sequence, hash}: Head): Buffer {
	return Buffer.from(
		`latchkey audit head v1\nchain ${chain}\nsequence ${sequence}\nsha256 ${hash.toString('hex')}\n`,
	);
}

export async function signHead(signer: Signer, head: Head): Promise<SignedHead> {
	return {...head, keyId: signer.kid, signature: await signer.sign(headBytes(head))};
}

/** Compares a head that was signed or kept with the chain, at its place. */
export function checkHead(held: HeldHead, hash: Buffer, keys: AuditKeys): Finding | undefined {
	const {chain, sequence} = held;
	if (!held.hash.equals(hash)) {
		const fault = `entry ${sequence} is not the one whose head was signed: the chain was rewritten`;
		return {chain, sequence, fault};
	}
	return checkSignature(held, keys);
}

export function checkSignature(held: HeldHead, keys: AuditKeys): Finding | undefined {
	const {chain, sequence, keyId, signature} = held;
	if (signature === undefined) return undefined;
	// A key id that was mangled on its way, through a log or a voice, does not make a head wrong.
	const named = keys.get(keyId ?? '');
	const candidates = named === undefined ? [...keys.values()] : [named];
	const bytes = headBytes(held);
	if (candidates.some((key) => verify(null, bytes, key, signature))) return undefined;
	const fault = `the signature of the head of entry ${sequence} is by none of the audit keys`;
	return {chain, sequence, fault};
}

/** The end of a chain is gone: a head beyond its last entry exists. */
export function cutOff(held: Head, last: Head, by: 'signed' | 'kept' | 'recorded'): Finding {
	const {chain, sequence} = held;
	const first = last.sequence + 1;
	const which = sequence === first ? `${first} is` : `${first} to ${sequence} are`;
	return {
		chain,
		sequence: first,
		fault: `the end is cut off: entry ${which} missing, a head of ${sequence} was ${by}`,
	};
}
