import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {Clock} from '../../clock/clock.ts';
import type {Altered} from '../alter.ts';
import {presentForEvent} from '../present.ts';
import {findKey, revokeKey} from '../store.ts';
import {endGrace, findSuccession, lockKeyRows, type Succession} from './succession.ts';

/* Ending a rotation before its time: for the new key, or for the old one. */

type Place = {organisationId: string; keyId: string};

/** @returns the key that lives on; undefined where there is no such key */
export type RotationEnd = (
	transaction: Knex.Transaction,
	by: By,
	place: Place,
	clock: Pick<Clock, 'now'>,
) => Promise<Altered | undefined>;

/** The old key ends now, by its id or that of its successor. */
export const finishRotation: RotationEnd = (transaction, by, place, clock) =>
	end(transaction, place, clock, async ({old, successorId}) => {
		await endGrace(transaction, by, place.organisationId, old, 'request');
		return successorId;
	});

/** The new key is revoked, and the old one is as before. */
export const cancelRotation: RotationEnd = (transaction, by, place, clock) =>
	end(transaction, place, clock, async ({old, successorId}) => {
		const {organisationId} = place;
		await transaction('api_keys')
			.where({id: old.id})
			.update({
				replaced_by_id: null,
				grace_until: null,
				finish_when_unused_seconds: null,
				rotation_warned_at: null,
				changed_at: transaction.raw('now()'),
				version: transaction.raw('version + 1'),
			});
		const row = await findKey(transaction, organisationId, old.id);
		if (!row?.changed_at) throw new Error('a key that is locked has gone');
		await record(transaction, by, {
			action: 'key.rotation_cancelled',
			organisationId,
			target: {type: 'api_key', id: row.id, name: row.name},
			details: {hint: row.hint, successor_id: successorId},
			event: {key: presentForEvent(row, row.changed_at), successor_id: successorId},
		});
		await revokeKey(transaction, by, organisationId, successorId, {reason: 'rotation'});
		return row.id;
	});

async function end(
	transaction: Knex.Transaction,
	place: Place,
	clock: Pick<Clock, 'now'>,
	work: (succession: Succession) => Promise<string>,
): Promise<Altered | undefined> {
	const find = () => findSuccession(transaction, place, clock.now());
	if ((await findKey(transaction, place.organisationId, place.keyId)) === undefined) {
		return undefined;
	}
	const early = await find();
	if (early === undefined) return {kind: 'refused', code: 'no_rotation'};
	await lockKeyRows(transaction, [early.old.id, early.successorId]);
	const succession = await find();
	// One that has ended meanwhile was followed by another at most: there was none in between.
	if (succession?.old.id !== early.old.id || succession.successorId !== early.successorId) {
		return {kind: 'refused', code: 'no_rotation'};
	}
	const id = await work(succession);
	const row = await findKey(transaction, place.organisationId, id);
	if (row === undefined) throw new Error('a key that is locked has gone');
	return {kind: 'changed', row};
}
