import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {transactionTime} from '../db/transaction-time.ts';
import {inOrderOfChains} from './expiry.ts';
import {listed, presentForEvent, type ListedKey} from './present.ts';
import {roleNamesOf} from './roles/members.ts';

/*
Telling of keys that were refused for a limit or quota. Servers only count (core/limits/refusals.ts); what
became of the counts since is told by the worker, once an hour of each key and limit.
*/

type LimitedKeyRow = ListedKey & {organisation_id: string};
type Refused = {key_id: string; name: string; untold: number};

/**
 * Tells of limits that have refused keys since it was last told, a few at a time; the rest waits for its
 * time.
 *
 * @returns how many
 */
export async function announceLimitRefusals(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const {rows: refused} = await transaction.raw<{rows: Refused[]}>(
			`with due as (
				select key_id, name, untold from key_limit_refusals
				where untold > 0 and (told_at is null or told_at <= now() - interval '1 hour')
				order by told_at nulls first limit ? for update skip locked
			),
			told as (
				update key_limit_refusals r set untold = 0, told_at = now()
				from due where r.key_id = due.key_id and r.name = due.name
			)
			select key_id, name, untold::float8 from due`,
			[most],
		);
		const byKey = Map.groupBy(refused, ({key_id}) => key_id);
		const keys = await transaction('api_keys')
			.whereIn('id', [...byKey.keys()])
			.select<LimitedKeyRow[]>([
				...listed,
				'organisation_id',
				roleNamesOf(transaction, 'api_keys'),
			]);
		const now = await transactionTime(transaction);
		for (const key of inOrderOfChains(keys)) {
			for (const {name: limit, untold: count} of byKey.get(key.id) ?? []) {
				await record(transaction, by, {
					action: 'key.limit_reached',
					outcome: 'refused',
					organisationId: key.organisation_id,
					target: {type: 'api_key', id: key.id, name: key.name},
					details: {hint: key.hint, limit, count},
					event: {key: presentForEvent(key, now), limit, count},
				});
			}
		}
		return refused.length;
	});
}
