import type {Knex} from 'knex';
import {SecretsError} from './errors.ts';
import {masterKeyId} from './vault.ts';

/** Transaction-level advisory lock of whoever makes or changes keys of the installation. */
const lockId = 7_355_608_212;

/** Lets one transaction at a time make or change keys, over all processes. */
export async function lockKeys(transaction: Knex.Transaction): Promise<void> {
	await transaction.raw('select pg_advisory_xact_lock(?::bigint)', [lockId]);
}

/**
 * Makes sure that this program can open whatever is sealed in the database, and notes its current
 * master key as one that may seal. An empty database takes any; one without the schema is left alone.
 *
 * @param masterKeys the current one first
 * @throws {SecretsError} naming what is missing and the ways out; nothing was changed then
 */
export async function claimMasterKeys(db: Knex, masterKeys: readonly Buffer[]): Promise<void> {
	const exists = await db.raw<{rows: {there: boolean}[]}>(
		"select to_regclass('master_keys') is not null as there",
	);
	if (!exists.rows[0]?.there) return;
	const ids = masterKeys.map(masterKeyId);
	const [current] = ids;
	if (current === undefined) throw new SecretsError('encryption_key holds no master key');
	if (await checkMasterKeys(db, ids, current)) return;
	await db.transaction(async (transaction) => {
		await lockKeys(transaction);
		// Another first start may have been quicker, with secrets of its own.
		if (await checkMasterKeys(transaction, ids, current)) return;
		await transaction('master_keys').insert({id: current});
	});
}

/** @returns whether the current key is noted already */
async function checkMasterKeys(
	db: Knex,
	ids: readonly Buffer[],
	current: Buffer,
): Promise<boolean> {
	const noted = (await db('master_keys').select('id')).map((row) => row.id);
	const missing = noted.filter((id) => !ids.some((own) => own.equals(id)));
	if (missing.length > 0) {
		const what =
			missing.length === noted.length
				? 'encryption_key is not the one this database was set up with.'
				: 'encryption_key lacks an older master key that this database still needs: its rotation has not ended.';
		throw new SecretsError(
			`${what} Put the old secrets volume back, or restore it from a backup. Nothing was changed.`,
		);
	}
	return noted.some((id) => id.equals(current));
}
