import type {Knex} from 'knex';
import {enforcedDays, policyJoins, shortOfLife} from '../key-policies/enforced.ts';
import {graceIsNotOver} from './grace.ts';

const life = `(${enforcedDays})`;

/** One look into the index of makers for each organisation, with which it begins. */
const keysLeft = `select coalesce(sum(of_one.count), 0)::int as count
	from organisations o ${policyJoins}
	cross join lateral (
		select count(*) from api_keys
		where organisation_id = o.id and coalesce(created_by, created_by_service_account_id) = :maker::uuid
			and revoked_at is null and ${graceIsNotOver}
			and (expires_at is null or expires_at > now())
			and (${life} is null or ${shortOfLife(life)})
	) of_one
	where :organisation::uuid is null or o.id = :organisation`;

/**
 * How many live keys somebody made: those that are accepted, or may be again once they begin or are
 * resumed. A key belongs to its organisation and outlives whoever made it, so this is told when they go.
 *
 * @param maker id of a user or a service account, which may be gone by now
 * @param organisationId undefined: in all organisations
 */
export async function countKeysLeft(
	db: Knex,
	maker: string,
	organisationId?: string,
): Promise<number> {
	const organisation = organisationId ?? null;
	const answer = await db.raw<{rows: [{count: number}]}>(keysLeft, {maker, organisation});
	return answer.rows[0].count;
}
