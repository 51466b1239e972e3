import {randomBytes} from 'node:crypto';
import type {Knex} from 'knex';
import {lockKeys} from './master-keys.ts';
import {sealedColumns} from './sealed-columns.ts';
import type {Vault} from './vault.ts';

const names = ['cursor', 'refresh-token', 'idempotency'] as const;

/** Keys of 32 bytes that all servers share. They outlive the master key they are sealed with. */
export type InstanceSecrets = Readonly<Record<(typeof names)[number], Buffer>>;

/**
 * Reads the keys that all servers share; the first to need them makes them.
 *
 * @throws {SealError}
 */
export async function openInstanceSecrets(db: Knex, vault: Vault): Promise<InstanceSecrets> {
	const found = await read(db, vault);
	if (found !== undefined) return found;
	return db.transaction(async (transaction) => {
		await lockKeys(transaction);
		const rows = names.map((name) => ({
			name,
			value: vault.seal(sealedColumns.instanceSecret, name, randomBytes(32)),
		}));
		await transaction('instance_secrets').insert(rows).onConflict('name').ignore();
		const made = await read(transaction, vault);
		if (made === undefined) throw new Error('instance secrets were made, but are not there');
		return made;
	});
}

async function read(db: Knex, vault: Vault): Promise<InstanceSecrets | undefined> {
	const rows = await db('instance_secrets').whereIn('name', names).select('name', 'value');
	if (rows.length < names.length) return undefined;
	const secrets = rows.map(({name, value}) => [
		name,
		vault.open(sealedColumns.instanceSecret, name, value),
	]);
	return Object.fromEntries(secrets) as InstanceSecrets;
}
