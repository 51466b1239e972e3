import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {SharedLimitsRow} from '../db/key-tables.ts';
import {tellLimits, tellQuota} from '../keys/present.ts';
import {ownerOf, type limitMembers, type SharedDefinitions} from './place.ts';

type Told = {
	before: SharedDefinitions;
	now: SharedDefinitions;
	changed: readonly (typeof limitMembers)[number][];
	isDeleted?: true;
};

/** Writes the entry and the event of a change of shared limits. */
export async function recordSharedLimits(
	transaction: Knex.Transaction,
	by: By,
	row: SharedLimitsRow,
	{before, now, changed, isDeleted}: Told,
): Promise<void> {
	const owner = ownerOf(row);
	const inWords = (prefix: string, of: SharedDefinitions) => {
		const words = {rate_limits: tellLimits(of.rate_limits), quota: tellQuota(of.quota)};
		return Object.fromEntries(changed.map((member) => [`${prefix}${member}`, words[member]]));
	};
	await record(transaction, by, {
		action: 'shared_limit.updated',
		organisationId: row.organisation_id,
		target: {
			type: 'shared_limits',
			id: row.id,
			name: owner === null ? 'organization' : `${owner.type}/${owner.id}`,
		},
		details: {
			changed: changed.join(', '),
			...inWords('', now),
			...inWords('previous_', before),
			...(isDeleted ? {deleted: true} : {}),
		},
		event: {shared_limits: {owner, ...now}, changed: [...changed]},
	});
}
