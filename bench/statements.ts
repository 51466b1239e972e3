import type {Knex} from 'knex';
import type {DatabaseConfig} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';

/** A connection of the bench itself, which may take its time. */
export function connectBench(database: DatabaseConfig): Knex {
	return connectDatabase(database, 'bench', {
		statementTimeoutMs: 300_000,
		queryTimeoutMs: 301_000,
	});
}

/**
 * Transactions that PostgreSQL has committed in this database; a statement that stands alone is
 * one. A session counts its own in when it has been idle for ten seconds, or ends: figures of a
 * moment ago may be missing.
 */
export async function committed(db: Knex): Promise<number> {
	const answer = await db.raw<{rows: {count: string}[]}>(
		'select xact_commit as count from pg_stat_database where datname = current_database()',
	);
	return Number(answer.rows[0]?.count);
}

/** Fills `api_keys` by `insert` without announcing each row; then cleans up after it. */
export async function insertUnannounced(
	db: Knex,
	insert: (transaction: Knex.Transaction) => Promise<unknown>,
): Promise<void> {
	await db.transaction(async (transaction) => {
		await transaction.raw('alter table api_keys disable trigger api_keys_announce');
		await insert(transaction);
		await transaction.raw('alter table api_keys enable trigger api_keys_announce');
	});
	await db.raw('vacuum (analyze) api_keys');
}
