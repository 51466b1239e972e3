import type {Knex} from 'knex';
import {SecretsError} from './errors.ts';
import {masterKeyId} from './vault.ts';

/** Transaction-level advisory lock of whoever makes or changes keys of the installation. */
const lockId = 7_355_608_212;

/** Lets one transaction at a time make or change keys, over all processes. */
export async function lockKeys(transaction: Knex.Transaction): Promise<void> {
	await transaction.raw('select pg_advisory_xact_lock(?::bigint)', [lockId]);
}

/** The master keys as they are now, the current one first. */
export type ReadMasterKeys = () => readonly Buffer[];

/**
 * Makes sure that this program can open whatever is sealed in the database, and notes its current
 * master key as one that may seal. An empty database takes any; one without the schema is left alone.
 *
 * @returns the master keys that fit
 * @throws {SecretsError} naming what is missing and the ways out; nothing was changed then
 */
export async function claimMasterKeys(db: Knex, read: ReadMasterKeys): Promise<readonly Buffer[]> {
	const exists = await db.raw<{rows: {there: boolean}[]}>(
		"select to_regclass('master_keys') is not null as there",
	);
	if (!exists.rows[0]?.there) return read();
	const {masterKeys, isNoted} = await fit(db, read);
	if (isNoted) return masterKeys;
	return db.transaction(async (transaction) => {
		await lockKeys(transaction);
		// Another first start may have been quicker, with secrets of its own.
		return noteMasterKey(transaction, read);
	});
}

/**
 * Notes the current master key as one that may seal; the transaction holds the lock.
 *
 * @throws {SecretsError}
 */
export async function noteMasterKey(
	transaction: Knex.Transaction,
	read: ReadMasterKeys,
): Promise<readonly Buffer[]> {
	const {masterKeys, current, isNoted} = await fit(transaction, read);
	if (!isNoted) await transaction('master_keys').insert({id: current});
	return masterKeys;
}

/**
 * Whether the database needs no master key but the current one.
 *
 * @throws {SecretsError} when it needs one that is not in hand
 */
export async function isOnlyKey(db: Knex, read: ReadMasterKeys): Promise<boolean> {
	const {noted, isNoted} = await fit(db, read);
	return isNoted && noted.length === 1;
}

/** @throws {SecretsError} when the database needs a master key that is not in hand */
async function fit(db: Knex, read: ReadMasterKeys) {
	const noted = (await db('master_keys').select('id')).map((row) => row.id);
	// After them: a rotation writes the new key to its file before it notes it.
	const masterKeys = read();
	const ids = masterKeys.map(masterKeyId);
	const [current] = ids;
	if (current === undefined) throw new SecretsError('encryption_key holds no master key');
	const missing = noted.filter((id) => !ids.some((own) => own.equals(id)));
	if (missing.length > 0) {
		const what =
			missing.length === noted.length
				? 'encryption_key is not the one this database was set up with.'
				: 'encryption_key lacks a master key that this database needs: a rotation has not ended.';
		throw new SecretsError(
			`${what} Put the old secrets volume back, or restore it from a backup. Nothing was changed.`,
		);
	}
	return {masterKeys, current, noted, isNoted: noted.some((id) => id.equals(current))};
}
