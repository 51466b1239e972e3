import type {KeyObject} from 'node:crypto';
import type {Knex} from 'knex';
import {readMasterKeys} from '../../core/config/config.ts';
import {createVault, type Vault} from '../../core/secrets/vault.ts';
import {openSigningKey} from '../../core/signing/store.ts';

/** The vault of an appliance, by its folder of secrets. */
export function vaultOf(secretsDirectory: string): Vault {
	return createVault(readMasterKeys({LATCHKEY_SECRETS_DIR: secretsDirectory}));
}

/** The private key behind a key id: what only somebody with database and secrets can have. */
export async function signingKey(
	db: Knex,
	secretsDirectory: string,
	kid: string,
): Promise<KeyObject> {
	const row = await db('signing_keys').where({kid}).first('private_key');
	if (!row?.private_key) throw new Error(`no private key ${kid}`);
	return openSigningKey(vaultOf(secretsDirectory), kid, row.private_key);
}
