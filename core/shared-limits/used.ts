import type {Knex} from 'knex';
import type {SharedLimitsRow} from '../db/key-tables.ts';
import {sharedSubjectOf} from '../limits/facts.ts';
import {periodAt} from '../limits/periods.ts';
import {counterId, readCounts} from '../limits/quota-store.ts';
import {ownerOf} from './place.ts';

/** What was used of a quota in the period that is running, and when that ends; undefined: never. */
export type Used = {count: number; resetsAt: number | undefined};

/**
 * @param now in ms since the epoch, by the clock that all servers share
 * @returns by the ids of the rows; nothing of those that have no quota
 */
export async function readUsed(
	db: Knex,
	rows: readonly SharedLimitsRow[],
	now: number,
): Promise<Map<string, Used>> {
	const counters = rows.flatMap((row) => {
		if (row.quota === null) return [];
		const {kind, id} = sharedSubjectOf(ownerOf(row));
		const {start, end} = periodAt(row.quota, now);
		const organisationId = row.organisation_id;
		return [{row, end, organisationId, subject: `${kind}:${id}`, periodStart: start}];
	});
	const counts = await readCounts(db, counters);
	return new Map(
		counters.map(({row, end, ...counter}) => [
			row.id,
			{count: counts.get(counterId(counter)) ?? 0, resetsAt: end},
		]),
	);
}
