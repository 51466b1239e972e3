import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {transactionTime} from '../db/transaction-time.ts';
import {inOrderOfChains} from './expiry.ts';
import {presentForEvent} from './present.ts';
import {readKeysToTell} from './told.ts';

/*
Telling of keys that were refused for the address that they were used from. Uses only count; what
became of the counts since is told by the worker: an entry once a minute and key, an event once an hour.
*/

type Denial = {key_id: string; unentered: number; untold: number; is_event_due: boolean};

/**
 * Tells of keys that were refused since it was last told, a few at a time; the rest waits for its time.
 *
 * @returns how many
 */
export async function announceDenials(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const {rows: denials} = await transaction.raw<{rows: Denial[]}>(
			`select key_id, unentered::float8, untold::float8,
				coalesce(told_at <= now() - interval '1 hour', true) as is_event_due
			from key_denials
			where unentered > 0 and (entered_at is null or entered_at <= now() - interval '1 minute')
			order by entered_at nulls first limit ? for update skip locked`,
			[most],
		);
		const byKey = new Map(denials.map((denial) => [denial.key_id, denial]));
		const keys = await readKeysToTell(transaction, [...byKey.keys()]);
		const now = await transactionTime(transaction);
		for (const key of inOrderOfChains(keys)) {
			const denial = byKey.get(key.id);
			if (denial === undefined) continue;
			const isEventDue = denial.is_event_due;
			await transaction.raw(
				`update key_denials set unentered = 0, entered_at = now(),
					untold = case when :isEventDue then 0 else untold end,
					told_at = case when :isEventDue then now() else told_at end
				where key_id = :keyId`,
				{keyId: key.id, isEventDue},
			);
			await record(transaction, by, {
				action: 'key.ip_denied',
				outcome: 'refused',
				organisationId: key.organisation_id,
				target: {type: 'api_key', id: key.id, name: key.name},
				details: {hint: key.hint, count: denial.unentered},
				event: isEventDue ? {key: presentForEvent(key, now), count: denial.untold} : undefined,
			});
		}
		return denials.length;
	});
}
