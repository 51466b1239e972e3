import type {Knex} from 'knex';

/** What would stop if the keys of an organisation were refused. */
export async function readReliance(
	db: Knex,
	organisationId: string,
): Promise<{activeKeys: number; usedKeys: number; calls: number}> {
	const answer = await db.raw<{
		rows: {activeKeys: number; usedKeys: number; calls: number}[];
	}>(
		`with active as (
			select id, last_used_at from api_keys
			where organisation_id = :organisationId and revoked_at is null and suspended_at is null
				and (not_before is null or not_before <= now())
				and (expires_at is null or expires_at > now())
				and (grace_until is null or grace_until > now())
		)
		select count(*)::float8 as "activeKeys",
			(count(*) filter (where last_used_at > now() - interval '30 days'))::float8 as "usedKeys",
			(
				select coalesce(sum(u.count), 0)::float8
				from active a
				join usage_hourly u on u.key_id = a.id
				where u.hour > now() - interval '24 hours' and u.outcome = 'valid'
					and a.last_used_at > now() - interval '25 hours'
			) as calls
		from active`,
		{organisationId},
	);
	return answer.rows[0] ?? {activeKeys: 0, usedKeys: 0, calls: 0};
}
