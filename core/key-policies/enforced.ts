import type {Knex} from 'knex';
import type {ApiKeyRow} from '../db/tables.ts';

export const dayMs = 86_400_000;

/**
 * For how many days a key of an organisation is accepted after it was made, whatever it carries; null
 * where no policy that is enforced says. Of both policies the tighter, as in `effectivePolicy`; in
 * SQL, so that whoever reads a key reads it in the same statement.
 */
export const enforcedDays = `case when 'enforce' in (own_policy.applies_to_existing, floor_policy.applies_to_existing)
		then least(own_policy.max_lifetime_days, floor_policy.max_lifetime_days) end`;

/** After how many days a key of an organisation should be replaced, likewise; null where no policy says. */
export const rotationDays = 'least(own_policy.rotate_every_days, floor_policy.rotate_every_days)';

/** For how many days a key of an organisation may be without use, likewise. */
export const idleDays = 'least(own_policy.idle_suspend_days, floor_policy.idle_suspend_days)';

/** Since when a key `k` is idle: whatever else begins a span, nobody need have used it in that. `idleSinceOf` says the same. */
export const idleSince = 'greatest(k.last_used_at, k.created_at, k.not_before, k.changed_at)';

/** Since when a key is idle: it was not used, nor begun, changed or resumed. */
export function idleSinceOf(
	key: Pick<ApiKeyRow, 'last_used_at' | 'created_at' | 'not_before' | 'changed_at'>,
): Date {
	const {last_used_at, created_at, not_before, changed_at} = key;
	return new Date(Math.max(...[last_used_at, created_at, not_before, changed_at].map(Number)));
}

/** What becomes of limits while Redis is away: of both policies the tighter; `local` where none says. */
export const whenRedisIsAway = `case
	when 'refuse' in (own_policy.when_redis_is_away, floor_policy.when_redis_is_away) then 'refuse'
	when 'local' in (own_policy.when_redis_is_away, floor_policy.when_redis_is_away) then 'local'
	else coalesce(own_policy.when_redis_is_away, floor_policy.when_redis_is_away, 'local') end`;

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

/**
 * When a key is due to be replaced: null where no policy says, where it was already, or where it ends
 * before.
 *
 * @param row as it is accepted: with the earlier of its ends
 */
export function rotationDueAt({
	created_at,
	revoked_at,
	replaced_by_id,
	expires_at,
	rotation_days: days,
}: RotatingKey): Date | null {
	if (days === null || revoked_at !== null || replaced_by_id !== null) return null;
	const due = new Date(created_at.getTime() + days * dayMs);
	return expires_at === null || due < expires_at ? due : null;
}

type RotatingKey = Pick<ApiKeyRow, 'created_at' | 'revoked_at' | 'replaced_by_id' | 'expires_at'> &
	Pick<PolicyDays, 'rotation_days'>;

/** The same in SQL, of keys that have not ended: whether that time has come. */
export function isRotationDue(days: string): string {
	return `revoked_at is null and replaced_by_id is null
		and created_at <= now() - ${days} * interval '24 hours'`;
}

const ofOrganisation = `from organisations o ${policyJoins} where o.id = :organisationId`;
const daysAsColumns = `(select ${enforcedDays} ${ofOrganisation}) as enforced_days,
	(select ${rotationDays} ${ofOrganisation}) as rotation_days`;
const daysOfOrganisation = `select ${enforcedDays} as enforced_days, ${rotationDays} as rotation_days ${ofOrganisation}`;

/** What policies count from when a key was made; null: nothing. */
export type PolicyDays = {
	/** For how many days an enforced policy has it accepted. */
	enforced_days: number | null;
	/** After how many it should be replaced. */
	rotation_days: number | null;
};

export const noDays: PolicyDays = {enforced_days: null, rotation_days: null};

/** The columns of `PolicyDays` in whatever is read of the keys of one organisation. */
export function policyDaysIn(db: Knex, organisationId: string): Knex.Raw {
	return db.raw(daysAsColumns, {organisationId});
}

/** The same by themselves. */
export async function readPolicyDays(db: Knex, organisationId: string): Promise<PolicyDays> {
	const answer = await db.raw<{rows: PolicyDays[]}>(daysOfOrganisation, {organisationId});
	return answer.rows[0] ?? noDays;
}
