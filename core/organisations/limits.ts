import type {Knex} from 'knex';
import type {Limits} from '../config/config.ts';
import {lockOrganisation} from './lock.ts';

export type LimitName = keyof Limits;

/** An organisation has as much of something as it may have. Nothing was changed. */
export class LimitReached extends Error {
	readonly limit: LimitName;
	readonly most: number;

	constructor(limit: LimitName, most: number) {
		super(`at most ${most} ${limit}`);
		this.name = 'LimitReached';
		this.limit = limit;
		this.most = most;
	}
}

/**
 * Makes sure, before something is added, that the organisation has room for it. Additions of one
 * organisation wait for each other until the transaction ends, so that none passes the bound.
 *
 * @param existing selects what there is; only as much of it as is needed is counted
 * @throws {LimitReached}
 */
export async function requireRoom(
	transaction: Knex.Transaction,
	organisationId: string,
	existing: Knex.QueryBuilder,
	{limit, most}: {limit: LimitName; most: number},
): Promise<void> {
	await lockOrganisation(transaction, organisationId);
	const counted = transaction.from(existing.limit(most).as('existing'));
	const rows = (await counted.count('* as count')) as {count: string}[];
	if (Number(rows[0]?.count) >= most) throw new LimitReached(limit, most);
}
