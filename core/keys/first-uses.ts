import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {transactionTime} from '../db/transaction-time.ts';
import {inOrderOfChains} from './expiry.ts';
import {presentForEvent} from './present.ts';
import {readKeysToTell} from './told.ts';

type FirstUse = {key_id: string; address: string | null};

/** What was told is told no more: nothing else is kept of it. */
const taken = `delete from key_first_uses where key_id in (
		select key_id from key_first_uses order by used_at limit ? for update skip locked
	) returning key_id, address`;

/**
 * Tells of keys that were used for the first time, each once, as soon as that is settled; a few at a time.
 *
 * @returns how many
 */
export async function announceFirstUses(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const {rows: uses} = await transaction.raw<{rows: FirstUse[]}>(taken, [most]);
		const addresses = new Map(uses.map(({key_id: id, address}) => [id, address]));
		const keys = await readKeysToTell(transaction, [...addresses.keys()]);
		const now = await transactionTime(transaction);
		for (const key of inOrderOfChains(keys)) {
			const address = addresses.get(key.id) ?? null;
			await record(transaction, by, {
				action: 'key.first_used',
				organisationId: key.organisation_id,
				target: {type: 'api_key', id: key.id, name: key.name},
				details: {hint: key.hint, address},
				event: {key: presentForEvent(key, now), address},
			});
		}
		return uses.length;
	});
}
