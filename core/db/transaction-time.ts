import type {Knex} from 'knex';

/** What `now()` is in a transaction. */
export async function transactionTime(transaction: Knex.Transaction): Promise<Date> {
	const {rows} = await transaction.raw<{rows: [{now: Date}]}>('select now()');
	return rows[0].now;
}
