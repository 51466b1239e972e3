import type {Knex} from 'knex';
import type {By} from '../../actor.ts';

/** What a request rests on is not what it was when the request was decided about. */
export class RightsChanged extends Error {
	constructor() {
		super('the rights of the caller have changed meanwhile');
		this.name = 'RightsChanged';
	}
}

const confirmed = new WeakSet<Knex.Transaction>();

/**
 * Decides again, inside the transaction of a change, whether who makes it still may; once for each
 * transaction. `record` does it for every change. A change that touches rights of its own maker,
 * such as a logout, does it first: afterwards it would find them gone. So does one that locks an
 * endpoint: a change of plan holds the organisation, and then waits for the endpoints that it tells.
 *
 * The rows that the right rests on stay held (FOR KEY SHARE) until the transaction ends. Whoever
 * takes a right away locks the same row FOR UPDATE: so either waits for the other, and what is
 * answered as taken away has no effect later. Rows of people are locked by `lockPeople`.
 *
 * @throws {RightsChanged} nothing may be changed then
 */
export async function confirmRights(transaction: Knex.Transaction, by: By): Promise<void> {
	if (by.stillMay === undefined || confirmed.has(transaction)) return;
	if (!(await by.stillMay(transaction))) throw new RightsChanged();
	confirmed.add(transaction);
}
