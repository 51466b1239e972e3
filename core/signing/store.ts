import {createPrivateKey, generateKeyPairSync, type KeyObject} from 'node:crypto';
import {calculateJwkThumbprint} from 'jose';
import type {Knex} from 'knex';
import type {PublicKey, SigningKeyRow, SigningPurpose} from '../db/tables.ts';
import {sealedColumns} from '../secrets/sealed-columns.ts';
import type {Vault} from '../secrets/vault.ts';

/** Every purpose; whoever makes keys makes one of each. */
export const signingPurposes: readonly SigningPurpose[] = ['access_token', 'audit'];

/** Every key that is kept, those that signed from the latest time on first. */
export async function listSigningKeys(
	db: Knex,
): Promise<
	(Pick<SigningKeyRow, 'kid' | 'purpose' | 'public_jwk' | 'private_key'> & {is_active: boolean})[]
> {
	return await db('signing_keys')
		.orderBy([
			{column: 'activated_at', order: 'desc'},
			{column: 'kid', order: 'desc'},
		])
		.select('kid', 'purpose', 'public_jwk', 'private_key')
		.select(db.raw('activated_at <= now() as is_active'));
}

export async function hasSigningKey(db: Knex, purpose: SigningPurpose): Promise<boolean> {
	return (await db('signing_keys').where({purpose}).first('kid')) !== undefined;
}

/** @returns a key that is published already but does not sign yet */
export async function findNextSigningKey(
	db: Knex,
	purpose: SigningPurpose,
): Promise<{kid: string; activatedAt: Date} | undefined> {
	const row = await db('signing_keys')
		.where({purpose})
		.whereRaw('activated_at > now()')
		.first('kid', 'activated_at');
	return row && {kid: row.kid, activatedAt: row.activated_at};
}

/** @returns whether the newest key of a purpose is older than that */
export async function isSigningKeyDue(
	db: Knex,
	purpose: SigningPurpose,
	days: number,
): Promise<boolean> {
	const row = await db('signing_keys')
		.where({purpose})
		.whereRaw("created_at > now() - ? * interval '1 day'", [days])
		.first('kid');
	return row === undefined;
}

/** Makes an Ed25519 key that signs after so many seconds. */
export async function insertSigningKey(
	db: Knex,
	vault: Vault,
	purpose: SigningPurpose,
	activeInSeconds: number,
): Promise<{kid: string; activatedAt: Date}> {
	const {publicKey, privateKey} = generateKeyPairSync('ed25519');
	const jwk = publicKey.export({format: 'jwk'}) as PublicKey;
	const kid = await calculateJwkThumbprint(jwk);
	const plaintext = privateKey.export({format: 'der', type: 'pkcs8'});
	const [row] = await db('signing_keys')
		.insert({
			kid,
			purpose,
			public_jwk: jwk,
			private_key: vault.seal(sealedColumns.signingKey, kid, plaintext),
			activated_at: db.raw("now() + ? * interval '1 second'", [activeInSeconds]) as unknown as Date,
		})
		.returning('activated_at');
	plaintext.fill(0);
	if (row === undefined) throw new Error('insert of a signing key returned no row');
	return {kid, activatedAt: row.activated_at};
}

/** @throws {SealError} */
export function openSigningKey(vault: Vault, kid: string, sealed: Buffer): KeyObject {
	const plaintext = vault.open(sealedColumns.signingKey, kid, sealed);
	const key = createPrivateKey({key: plaintext, format: 'der', type: 'pkcs8'});
	plaintext.fill(0);
	return key;
}

/**
 * Deletes the private part of keys that a newer one has replaced for so many seconds.
 *
 * @returns how many
 */
export async function retireReplacedKeys(db: Knex, seconds: number): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`update signing_keys k set retired_at = now(), private_key = null
		where retired_at is null and exists (
			select from signing_keys newer
			where newer.purpose = k.purpose
				and (newer.activated_at, newer.kid) > (k.activated_at, k.kid)
				and newer.activated_at <= now() - ? * interval '1 second'
		)`,
		[seconds],
	);
	return answer.rowCount;
}

/** Retires at once every key of a purpose but one. */
export async function retireOthers(db: Knex, purpose: SigningPurpose, kid: string): Promise<void> {
	await db('signing_keys')
		.where({purpose})
		.whereNot({kid})
		.whereNull('retired_at')
		.update({retired_at: db.raw('now()'), private_key: null});
}

/** Deletes keys of access tokens that were retired so many seconds ago. @returns how many */
export async function deleteRetiredKeys(db: Knex, seconds: number): Promise<number> {
	return await db('signing_keys')
		.where({purpose: 'access_token'})
		.whereRaw("retired_at <= now() - ? * interval '1 second'", [seconds])
		.delete();
}
