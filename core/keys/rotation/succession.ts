import type {Knex} from 'knex';
import type {EventData} from '../../../contract/events.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {isGone} from '../grace.ts';
import {presentForEvent, type DetailedKey, type ListedKey} from '../present.ts';
import {findKey} from '../store.ts';

/** A key that is in its grace, and the one that takes over. */
export type Succession = {old: DetailedKey; successorId: string};

/** @returns the rotation under way that a key has a part in, as the old key or as the new one */
export async function findSuccession(
	transaction: Knex.Transaction,
	{organisationId, keyId}: {organisationId: string; keyId: string},
	now: number,
): Promise<Succession | undefined> {
	const find = (id: string) => findKey(transaction, organisationId, id);
	const key = await find(keyId);
	if (key === undefined) return undefined;
	const own = successionOf(key, now);
	if (own !== undefined || key.replaces_id === null) return own;
	const before = await find(key.replaces_id);
	const succession = before && successionOf(before, now);
	return succession?.successorId === keyId ? succession : undefined;
}

function successionOf(old: DetailedKey, now: number): Succession | undefined {
	const {replaced_by_id: successorId} = old;
	return successorId === null || isGone(old, now) ? undefined : {old, successorId};
}

/** In one order, so that two changes of the same keys wait for each other and never both ways. */
export async function lockKeyRows(
	transaction: Knex.Transaction,
	ids: readonly (string | undefined)[],
): Promise<void> {
	await transaction('api_keys')
		.whereIn(
			'id',
			ids.filter((id) => id !== undefined),
		)
		.orderBy('id')
		.forUpdate()
		.select('id');
}

type Cause = EventData['key.rotation_finished']['cause'];
type Ending = Pick<ListedKey, 'id' | 'replaced_by_id'>;

/** Ends the grace of a key that is locked, with entry and event. */
export async function endGrace(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	{id, replaced_by_id: successorId}: Ending,
	cause: Cause,
): Promise<void> {
	const now = transaction.raw('now()');
	// Told of its end, whoever reads it finds the time passed.
	const early = {
		grace_until: transaction.raw("date_trunc('second', now())"),
		changed_at: now,
		version: transaction.raw('version + 1'),
	};
	await transaction('api_keys')
		.where({id})
		.update({rotation_ended_at: now, ...(cause === 'deadline' ? {} : early)});
	const row = await findKey(transaction, organisationId, id);
	if (!row?.rotation_ended_at || successorId === null) throw new Error('a rotated key has gone');
	await record(transaction, by, {
		action: 'key.rotation_finished',
		organisationId,
		target: {type: 'api_key', id, name: row.name},
		details: {hint: row.hint, successor_id: successorId, cause},
		event: {key: presentForEvent(row, row.rotation_ended_at), successor_id: successorId, cause},
	});
}
