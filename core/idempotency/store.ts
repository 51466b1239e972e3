import type {Knex} from 'knex';
import type {IdempotencyKeyRow} from '../db/tables.ts';

/** Rows of requests that are answered once, and how long they last. */

const keptHours = 24;
/** How long a request waits for another one with the same header, in milliseconds. */
const longestWaitMs = 500;

/** PostgreSQL gave a lock up that others hold. */
const lockNotAvailable = '55P03';

/**
 * Writes the row of a request, first in the transaction of its change. Where another transaction has
 * written the same one, its end is waited for; whatever follows waits for locks as any change does.
 *
 * @returns whether the row is this transaction's; otherwise there is one already
 * @throws {StillRunning} when the other one does not end soon
 */
export async function insertRow(
	transaction: Knex.Transaction,
	row: Pick<IdempotencyKeyRow, 'id' | 'organisation_id' | 'lookup'>,
): Promise<boolean> {
	try {
		const {rows} = await transaction.raw<{rows: [{written: number}]}>(
			`with written as (
				insert into idempotency_keys (id, organisation_id, lookup)
				select ?, ?, ? from set_config('lock_timeout', ?, true)
				on conflict (lookup) do nothing returning id
			)
			select count(*)::int as written, set_config('lock_timeout', '0', true) from written`,
			[row.id, row.organisation_id, row.lookup, String(longestWaitMs)],
		);
		return rows[0].written === 1;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === lockNotAvailable) {
			throw new StillRunning();
		}
		throw error;
	}
}

/** A request with the same header is still being worked on. Nothing was changed. */
export class StillRunning extends Error {
	constructor() {
		super('a request with the same Idempotency-Key is still being worked on');
		this.name = 'StillRunning';
	}
}

/** @returns the row, unless it is too old to be answered by */
export async function findRow(
	transaction: Knex.Transaction,
	lookup: Buffer,
): Promise<Pick<IdempotencyKeyRow, 'id' | 'answer'> | undefined> {
	return await transaction('idempotency_keys')
		.where({lookup})
		.whereRaw("created_at > now() - ? * interval '1 hour'", [keptHours])
		.first('id', 'answer');
}

export async function keepAnswer(
	transaction: Knex.Transaction,
	id: string,
	answer: Buffer,
): Promise<void> {
	await transaction('idempotency_keys').where({id}).update({answer});
}

export async function deleteRow(transaction: Knex.Transaction, id: string): Promise<void> {
	await transaction('idempotency_keys').where({id}).delete();
}

/** Deletes rows that are too old to be answered by, all of them or those of one request. @returns how many */
export async function pruneRows(db: Knex, lookup?: Buffer): Promise<number> {
	const rows = db('idempotency_keys').whereRaw("created_at <= now() - ? * interval '1 hour'", [
		keptHours,
	]);
	if (lookup !== undefined) rows.where({lookup});
	return await rows.delete();
}
