import {createPublicKey, verify, type KeyObject} from 'node:crypto';
import type {Knex} from 'knex';
import type {Signer} from '../../signing/keys.ts';
import type {PublicKey} from '../../db/tables.ts';
import {listSigningKeys} from '../../signing/store.ts';
import type {Finding, Head, SignedHead} from '../chain.ts';
import {listSignedHeads} from '../store.ts';

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

/** Signed heads read at once. */
const headsAtOnce = 500;
/** Most of them that are passed over in search of a sound one. */
const mostForged = 100_000;

/**
 * The last head of a chain whose signature is one. Heads above it that only lie there prove nothing:
 * the role of the programs may add them, in PostgreSQL nobody can check what they are.
 *
 * @returns with those that were passed over, or stand beside it
 */
export async function findSoundHead(
	db: Knex,
	chain: string,
	keys: AuditKeys,
): Promise<{head: SignedHead | undefined; forged: Forged}> {
	const forged = new Forged();
	for (let before: SignedHead | undefined; forged.count < mostForged;) {
		const heads = await listSignedHeads(db, chain, headsAtOnce, before);
		const head = heads.find((each) => !forged.take(each, keys));
		if (head !== undefined) {
			const others = heads.slice(heads.indexOf(head) + 1);
			for (const each of others) if (each.sequence === head.sequence) forged.take(each, keys);
		}
		if (head !== undefined || heads.length < headsAtOnce) return {head, forged};
		before = heads.at(-1);
	}
	return {head: undefined, forged};
}

/** Heads that were found whose signature is none. */
export class Forged {
	count = 0;
	#first: Finding | undefined;

	/** Takes a head in if it is one. @returns whether it is */
	take(head: HeldHead, keys: AuditKeys): boolean {
		const fault = checkSignature(head, keys);
		if (fault === undefined) return false;
		this.#first ??= fault;
		this.count++;
		return true;
	}

	/** What is to be said of all of them. */
	get finding(): Finding | undefined {
		if (this.#first === undefined || this.count === 1) return this.#first;
		const {fault} = this.#first;
		return {...this.#first, fault: `${fault}; so are ${this.count - 1} more of this chain`};
	}
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
