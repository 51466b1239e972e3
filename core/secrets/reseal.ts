import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {sealedColumns, type SealedColumn} from './sealed-columns.ts';
import type {Vault} from './vault.ts';

const batchSize = 200;
/** PostgreSQL refuses to forget a master key that something is still sealed with. */
const stillReferenced = '23503';

/**
 * Seals everything anew that is sealed with an older master key, in batches: each is a transaction
 * of its own, so that it may be stopped or killed at any moment and begun again.
 *
 * @returns how many values, by `table.column`
 * @throws {SealError} naming a value that cannot be opened; what was done before stays done
 */
export async function resealAll(db: Knex, vault: Vault): Promise<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const column of Object.values(sealedColumns)) {
		const name = `${column.table}.${column.column}`;
		let done: number;
		do {
			done = await db.transaction((transaction) => resealBatch(transaction, vault, column));
			counts[name] = (counts[name] ?? 0) + done;
		} while (done === batchSize);
	}
	return counts;
}

async function resealBatch(
	transaction: Knex.Transaction,
	vault: Vault,
	column: SealedColumn,
): Promise<number> {
	const {table, column: name, id} = column;
	const {rows} = await transaction.raw<{rows: {id: string; sealed: Buffer}[]}>(
		`select ??::text as id, ?? as sealed from ??
		where substring(?? from 2 for 8) <> ? order by ?? limit ? for update`,
		[id, name, table, name, vault.currentId(), id, batchSize],
	);
	for (const row of rows) {
		const plaintext = vault.open(column, row.id, row.sealed);
		const sealed = vault.seal(column, row.id, plaintext);
		plaintext.fill(0);
		await transaction.raw('update ?? set ?? = ? where ?? = ?', [table, name, sealed, id, row.id]);
	}
	return rows.length;
}

/**
 * Ends a rotation: from now on only the current master key is needed.
 *
 * @returns false when something is still sealed with an older one; nothing was changed then
 */
export async function forgetOldMasterKeys(
	db: Knex,
	vault: Vault,
	by: By,
	resealed: number,
): Promise<boolean> {
	try {
		await db.transaction(async (transaction) => {
			const current = vault.currentId();
			const old = await transaction('master_keys').whereNot({id: current}).delete();
			// Another command may have ended it at the same time.
			if (old === 0) return;
			await record(transaction, by, {
				action: 'master_key.rotated',
				target: {type: 'master_key', id: current.toString('hex')},
				details: {resealed, forgotten: old},
			});
		});
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === stillReferenced) return false;
		throw error;
	}
}
