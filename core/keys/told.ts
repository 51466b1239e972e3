import type {Knex} from 'knex';
import {listed, type ListedKey} from './present.ts';
import {roleNamesOf} from './roles/members.ts';

/** A key of which the worker tells. */
export type KeyToTell = ListedKey & {organisation_id: string};

/** Some keys, in no order. */
export function readKeysToTell(
	transaction: Knex.Transaction,
	ids: readonly string[],
): Promise<KeyToTell[]> {
	return transaction('api_keys')
		.whereIn('id', ids)
		.select<KeyToTell[]>([...listed, 'organisation_id', roleNamesOf(transaction, 'api_keys')]);
}
