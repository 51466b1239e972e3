import type {Knex} from 'knex';
import {userIdOf, type By} from '../actor.ts';
import {confirmRights} from '../audit/trail/rights.ts';

/**
 * Keeps what a person may do as it is until the transaction ends: whoever takes something of it away
 * waits. The row of a person stands for all of it, for their sessions and memberships too.
 */
export async function holdPerson(transaction: Knex.Transaction, id: string): Promise<void> {
	await transaction('users').where({id}).forKeyShare().first('id');
}

/**
 * For a change that takes rights from people: waits for what they have under way, and lets nothing
 * begin until the transaction ends. Whoever makes the change is locked along with them, all in the
 * order of their ids, and decided about again: two who act on each other neither wait for ever nor both
 * succeed.
 *
 * Locks are taken in this order: organisation, people, anything else of theirs, audit trail.
 *
 * @throws {RightsChanged}
 */
export async function lockPeople(
	transaction: Knex.Transaction,
	by: By,
	ids: readonly string[],
): Promise<void> {
	const all = [...ids, userIdOf(by) ?? []].flat();
	// One statement for whatever ids: what is sent does not tell who exists.
	await transaction('users').whereIn('id', all).orderBy('id').forUpdate().select('id');
	await confirmRights(transaction, by);
}
