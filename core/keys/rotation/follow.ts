import type {Knex} from 'knex';
import {toTimestamp} from '../../../contract/text.ts';
import type {KeyClient} from '../../../contract/usage.ts';
import type {By} from '../../actor.ts';
import {transactionTime} from '../../db/transaction-time.ts';
import {record} from '../../audit/trail/record.ts';
import type {ApiKeyRow} from '../../db/tables.ts';
import {dayMs} from '../../key-policies/enforced.ts';
import {readClients} from '../../usage/clients.ts';
import {inOrderOfChains} from '../expiry.ts';
import {listed, presentForEvent, type ListedKey} from '../present.ts';
import {roleNamesOf} from '../roles/members.ts';
import {endGrace} from './succession.ts';

/** Following rotations to their end: the worker's passes. */

/** Rotated keys that are accepted, or whose end was not told. */
function graces(db: Knex) {
	return db('api_keys as k')
		.join('api_keys as s', 's.id', 'k.replaced_by_id')
		.whereNotNull('k.grace_until')
		.whereNull('k.rotation_ended_at')
		.whereNull('k.revoked_at');
}

type Graces = ReturnType<typeof graces>;

type Followed = ListedKey & Pick<ApiKeyRow, 'organisation_id'>;

/** Those of them that a pass is about, held; what another one holds is left to it. */
async function take(
	transaction: Knex.Transaction,
	some: Graces,
	most: number,
): Promise<Followed[]> {
	const rows = await some
		.orderBy('k.grace_until')
		.limit(most)
		.forUpdate('k')
		.skipLocked()
		.select(
			...listed.map((column) => `k.${column}` as const),
			'k.organisation_id',
			roleNamesOf(transaction, 'k'),
		);
	return inOrderOfChains(rows as unknown as Followed[]);
}

/** Tells of graces that are over, each once, however late; a few at a time. @returns how many */
export async function tellEndedGraces(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const ended = graces(transaction).whereRaw('k.grace_until <= now()');
		const rows = await take(transaction, ended, most);
		for (const row of rows) {
			await endGrace(transaction, by, row.organisation_id, row, 'deadline');
		}
		return rows.length;
	});
}

/** Those that were not used for as long as was asked for, counted from their rotation at most. */
function unusedGraces(db: Knex, until: Date | Knex.Raw) {
	return graces(db)
		.whereRaw('k.grace_until > now()')
		.whereRaw(
			`greatest(k.last_used_at, s.created_at)
				+ k.finish_when_unused_seconds * interval '1 second' <= ?`,
			[until],
		);
}

/** @returns whether a key looks as if it had not been used for as long as was asked for */
export async function isAnyUnused(db: Knex): Promise<boolean> {
	const row = await unusedGraces(db, db.raw('now()')).first('k.id');
	return row !== undefined;
}

/**
 * Ends the graces of keys that were not used for as long as was asked for.
 *
 * @param knownUntil all uses until then are in PostgreSQL
 * @returns how many
 */
export async function finishUnused(
	db: Knex,
	by: By,
	knownUntil: Date,
	most: number,
): Promise<number> {
	return db.transaction(async (transaction) => {
		const rows = await take(transaction, unusedGraces(transaction, knownUntil), most);
		for (const row of rows) {
			await endGrace(transaction, by, row.organisation_id, row, 'unused');
		}
		return rows.length;
	});
}

/** Most of them that are told, and how long their text may be, in bytes: a payload has a bound. */
const mostClientsTold = 20;
const mostBytesOfClients = 8000;

/** Who used a key within the last day, seen last first. */
async function clientsLately(db: Knex, keyId: string, now: Date): Promise<KeyClient[]> {
	const since = toTimestamp(new Date(now.getTime() - dayMs));
	const seen = (await readClients(db, keyId)).filter((client) => client.last_seen_at >= since);
	const clients = seen.slice(0, mostClientsTold);
	while (Buffer.byteLength(JSON.stringify(clients)) > mostBytesOfClients) clients.pop();
	return clients;
}

/**
 * Tells of graces that end within a day while the old key is still used, each once; a few at a time.
 * Whoever gave no more than a day knows.
 *
 * @returns how many
 */
export async function warnOfEndingGraces(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const ending = graces(transaction)
			.whereNull('k.rotation_warned_at')
			.whereRaw("k.grace_until > now() and k.grace_until <= now() + interval '1 day'")
			.whereRaw("k.grace_until > s.created_at + interval '1 day 1 minute'")
			.whereRaw("k.last_used_at > now() - interval '1 hour'");
		const rows = await take(transaction, ending, most);
		const now = await transactionTime(transaction);
		for (const row of rows) {
			await transaction('api_keys')
				.where({id: row.id})
				.update({rotation_warned_at: transaction.raw('now()')});
			await record(transaction, by, {
				action: 'key.rotation_ending',
				organisationId: row.organisation_id,
				target: {type: 'api_key', id: row.id, name: row.name},
				details: {
					hint: row.hint,
					successor_id: row.replaced_by_id,
					grace_until: row.grace_until && toTimestamp(row.grace_until),
				},
				event: {
					key: presentForEvent(row, now),
					successor_id: row.replaced_by_id ?? '',
					clients: await clientsLately(transaction, row.id, now),
				},
			});
		}
		return rows.length;
	});
}
