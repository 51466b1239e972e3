import type {Knex} from 'knex';
import {toTimestamp} from '../../../contract/text.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {ApiKeyRow} from '../../db/tables.ts';
import {transactionTime} from '../../db/transaction-time.ts';
import {
	dayMs,
	enforcedDays,
	isRotationDue,
	policyJoins,
	rotationDays,
	shortOfLife,
} from '../../key-policies/enforced.ts';
import {inOrderOfChains} from '../expiry.ts';
import {listed, presentForEvent, type ListedKey} from '../present.ts';
import {roleNamesOf} from '../roles/members.ts';

/* Telling of keys that a policy has replaced by now: a pass of the worker. Nothing is replaced by it. */

type DueKey = ListedKey & Pick<ApiKeyRow, 'organisation_id'>;

/** Where keys are accepted no longer than that anyway, none is due. */
const organisations = `select o.id as organisation, ${rotationDays} as days, ${enforcedDays} as life
	from organisations o ${policyJoins}
	where ${rotationDays} is not null and coalesce(${enforcedDays} > ${rotationDays}, true)`;

const isDue = `organisation_id = organisation and ${isRotationDue('days')}
	and (life is null or ${shortOfLife('life')})`;

/** Those of which it was not told yet, and those told of where there was less time: each has an index. */
const candidates = `with asked as materialized (${organisations})
	select k.id, asked.days from asked cross join lateral (
		(
			select id from api_keys where ${isDue} and rotation_told_days is null
			order by created_at limit :most
		)
		union all
		(
			select id from api_keys where ${isDue} and rotation_told_days < days
			order by rotation_told_days, created_at limit :most
		)
	) k
	limit :most`;

/**
 * Tells of keys that should be replaced by now, each once for the time that its policy gives, however
 * late; a few at a time. Of those that have ended nobody need be told.
 *
 * @returns how many were looked at
 */
export async function tellDueRotations(db: Knex, by: By, most: number): Promise<number> {
	return db.transaction(async (transaction) => {
		const {rows: found} = await transaction.raw<{rows: {id: string; days: number}[]}>(candidates, {
			most,
		});
		if (found.length === 0) return 0;
		const daysOf = new Map(found.map(({id, days}) => [id, days]));
		const rows = await take(transaction, daysOf);
		const now = await transactionTime(transaction);
		for (const row of inOrderOfChains(rows)) {
			if (row.expires_at !== null && row.expires_at <= now) continue;
			const dueAt = new Date(row.created_at.getTime() + (daysOf.get(row.id) ?? 0) * dayMs);
			const rotation_due_at = toTimestamp(dueAt);
			await record(transaction, by, {
				action: 'key.rotation_due',
				organisationId: row.organisation_id,
				target: {type: 'api_key', id: row.id, name: row.name},
				details: {hint: row.hint, rotation_due_at},
				event: {key: presentForEvent(row, now), rotation_due_at},
			});
		}
		return found.length;
	});
}

/** Those that nobody else has told of since, held and marked; what another pass holds is left to it. */
async function take(
	transaction: Knex.Transaction,
	daysOf: ReadonlyMap<string, number>,
): Promise<DueKey[]> {
	const held = await transaction('api_keys as k')
		.whereIn('k.id', [...daysOf.keys()])
		.whereNull('k.revoked_at')
		.whereNull('k.replaced_by_id')
		.orderBy('k.id')
		.forUpdate('k')
		.skipLocked()
		.select<(DueKey & Pick<ApiKeyRow, 'rotation_told_days'>)[]>(
			...listed.map((column) => `k.${column}`),
			'k.organisation_id',
			'k.rotation_told_days',
			roleNamesOf(transaction, 'k'),
		);
	const untold = held.filter((row) => (row.rotation_told_days ?? 0) < (daysOf.get(row.id) ?? 0));
	for (const [days, rows] of Map.groupBy(untold, ({id}) => daysOf.get(id) ?? 0)) {
		const ids = rows.map(({id}) => id);
		await transaction('api_keys').whereIn('id', ids).update({rotation_told_days: days});
	}
	return untold;
}
