import type {Knex} from 'knex';
import type {Log} from './log.ts';
import {SigningKeys} from './signing/keys.ts';
import {ensureSigningKeys} from './signing/rotation.ts';
import {openInstanceSecrets, type InstanceSecrets} from './secrets/instance-secrets.ts';
import {claimMasterKeys, type ReadMasterKeys} from './secrets/master-keys.ts';
import {createVault, type Vault} from './secrets/vault.ts';

/** Everything that PostgreSQL keeps sealed for a program that runs. */
export type Secrets = {vault: Vault; signingKeys: SigningKeys; instanceSecrets: InstanceSecrets};

/**
 * Opens what is sealed in the database; the first start makes it.
 *
 * @throws {SecretsError} when the master keys in hand do not fit
 */
export async function openSecrets(options: {
	db: Knex;
	log: Log;
	readMasterKeys: ReadMasterKeys;
}): Promise<Secrets> {
	const {db, log, readMasterKeys} = options;
	const vault = createVault(await claimMasterKeys(db, readMasterKeys), readMasterKeys);
	await ensureSigningKeys(db, vault);
	const signingKeys = new SigningKeys({db, vault, log});
	await signingKeys.read();
	return {vault, signingKeys, instanceSecrets: await openInstanceSecrets(db, vault)};
}
