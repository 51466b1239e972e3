import type {Knex} from 'knex';

export const dayMs = 86_400_000;

/**
 * For how many days a key of an organisation is accepted after it was made, whatever it carries; null
 * where no policy that is enforced says. Of both policies the tighter, as in `effectivePolicy`; in
 * SQL, so that whoever reads a key reads it in the same statement.
 */
export const enforcedDays = `case when 'enforce' in (own_policy.applies_to_existing, floor_policy.applies_to_existing)
		then least(own_policy.max_lifetime_days, floor_policy.max_lifetime_days) end`;

/** Behind a table with the alias `o` that has the id of the organisation. */
export const policyJoins = `left join key_policies own_policy on own_policy.organisation_id = o.id
	left join key_policies floor_policy on floor_policy.organisation_id is null`;

/** The end of a key: its own, or that of the longest life of an enforced policy. */
export function earlierEnd(
	{created_at, expires_at}: {created_at: Date; expires_at: Date | null},
	days: number | null | undefined,
): Date | null {
	if (days === null || days === undefined) return expires_at;
	const last = new Date(created_at.getTime() + days * dayMs);
	return expires_at === null || last < expires_at ? last : expires_at;
}

/** The same in SQL: whether a key has not lived for so many days yet. Ends are told to the second. */
export function shortOfLife(days: string): string {
	return `created_at >= date_trunc('second', now() - ${days} * interval '24 hours') + interval '1 second'`;
}

const daysOfOrganisation = `select ${enforcedDays} as enforced_days from organisations o ${policyJoins} where o.id = ?`;

/** The column `enforced_days` of whatever is read of the keys of one organisation. */
export function daysEnforcedIn(db: Knex, organisationId: string): Knex.Raw {
	return db.raw('(:days) as enforced_days', {days: db.raw(daysOfOrganisation, [organisationId])});
}

/** The same by itself. */
export async function readEnforcedDays(db: Knex, organisationId: string): Promise<number | null> {
	const answer = await db.raw<{rows: {enforced_days: number | null}[]}>(daysOfOrganisation, [
		organisationId,
	]);
	return answer.rows[0]?.enforced_days ?? null;
}
