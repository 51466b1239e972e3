import type {Knex} from 'knex';
import type {WhenRedisIsAway} from '../../contract/key-policies.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Plan} from '../../contract/organisations.ts';
import type {SessionPool} from '../db/pool.ts';
import {enforcedDays, policyJoins, whenRedisIsAway} from '../key-policies/enforced.ts';
import {limitsOf, type KeyLimits} from '../limits/definitions.ts';
import {readAdjustments, readShared} from '../limits/facts.ts';
import {refuseIfTooOld} from '../verification/terms-version.ts';
import {labelsOf} from './labels.ts';
import {prepareFacts, type KeyFacts} from './policy.ts';
import {endedEarly} from './status.ts';
import {noLimits, rulesOf, TermsUnknown, type KeyRules} from './terms.ts';
import type {KeyHashText} from './token.ts';

type FactsRow = {
	id: string;
	name: string;
	organisation_id: string;
	plan: Plan;
	created_at: Date;
	expires_at: Date | null;
	revoked_at: Date | null;
	is_suspended: boolean;
	not_before: Date | null;
	grace_until: Date | null;
	is_rotated: boolean;
	/** As PostgreSQL writes them, as are the roles. */
	terms: string;
	/** Name and scopes of each of its roles; null: it has none. */
	roles: string | null;
	/** Owner, tags and metadata, likewise as text; null: nothing of these. */
	labels: string | null;
	lineage_id: string | null;
	when_redis_is_away: WhenRedisIsAway;
	/** What it shares with others, likewise as text; null: nothing. */
	shared_limits: string | null;
	/** Start and amount of each; null: its quota was not changed by hand. */
	quota_adjustments: string | null;
};

/**
 * What a decision rests on: key, organisation and plan. Without the hash: it is read in `key_hashes`
 * alone (migrations/0022).
 */
const factsOfKeys = `select k.id, k.name, k.organisation_id, o.plan, k.created_at, k.revoked_at,
		least(k.expires_at, k.created_at + (${enforcedDays}) * interval '24 hours') as expires_at,
		k.suspended_at is not null as is_suspended, k.not_before,
		k.grace_until, k.rotation_ended_at is not null as is_rotated, k.terms::text as terms,
		case when k.owner is not null or k.tags <> '{}' or k.metadata::text <> '{}' then
			json_build_array(k.owner, k.tags, k.metadata)::text
		end as labels,
		k.lineage_id, ${whenRedisIsAway} as when_redis_is_away,
		(
			select json_agg(json_build_array(s.owner_type, s.owner_id, s.rate_limits, s.quota) order by s.owner_type nulls first)::text
			from shared_limits s where s.organisation_id = k.organisation_id and (s.owner_type is null
				or (s.owner_type = k.owner ->> 'type' and s.owner_id = k.owner ->> 'id'))
		) as shared_limits,
		case when k.terms -> 'quota' is not null then (
			select json_agg(json_build_array(extract(epoch from a.period_start)::bigint * 1000, a.amount))::text
			from quota_adjustments a where a.lineage_id = coalesce(k.lineage_id, k.id)
		) end as quota_adjustments
	from api_keys k join organisations o on o.id = k.organisation_id ${policyJoins}`;

const rolesOfFacts = `(select json_agg(json_build_array(r.name, r.scopes) order by r.id)::text
		from key_role_members m join key_roles r on r.id = m.role_id where m.key_id = facts.id) as roles`;

/**
 * Triggers announce each change of a column that is read here
 * (test/verification/announced-columns.test.ts).
 */
export const factsByHash = `select h.hash, facts.*, ${rolesOfFacts}
	from key_hashes h join (${factsOfKeys}) as facts on facts.id = h.id where h.hash = any($1::bytea[])`;

/**
 * The one statement behind a verification: everything in one round trip, on one
 * unique index, for all the keys that are asked for in one turn of the event loop. It stays
 * prepared on its connections (half the cost of planning it each time). Which terms a server must
 * understand is seen as it was with these keys, and also where there are none.
 */
const factsAndVersion = `select (select value::integer from instance_settings where name = 'least_terms_version') as least, facts.*
	from (values (0)) as always left join (${factsByHash}) as facts on true`;

/**
 * Version and roles are asked for once the row is held: they may have been changed while this waited
 * for it. The roles are held, too.
 */
const factsById = `select least_terms_version() as least, facts.*, hold_roles_of_key(facts.id) as roles
	from (${factsOfKeys} where k.id = ? for key share of k, o) as facts`;

const factsInOrganisation = `select (select value::integer from instance_settings where name = 'least_terms_version') as least,
		facts.*, ${rolesOfFacts}
	from (${factsOfKeys} where k.id = ? and k.organisation_id = ?) as facts`;

type Found<Row> = {least: number | null} & Row;

/**
 * @param hashes of keys, as binary strings
 * @param options.isPrepared not through a pooler, where the next statement may run in another session
 * @param options.termsVersion which terms of keys the server understands
 * @returns the facts of those that exist, by hash; where the terms of one cannot be read, that instead
 * @throws {TooOld}
 */
export async function findFactsByHash(
	pool: Pick<SessionPool, 'query'>,
	hashes: readonly KeyHashText[],
	options: {isPrepared: boolean; termsVersion: number},
): Promise<Map<KeyHashText, KeyFacts | TermsUnknown>> {
	const values = [hashes.map((hash) => Buffer.from(hash, 'latin1'))];
	const name = options.isPrepared ? {name: 'key_facts_by_hash'} : {};
	const {rows} = await pool.query<Found<(FactsRow & {hash: Buffer}) | {hash: null}>>({
		...name,
		text: factsAndVersion,
		values,
	});
	refuseIfTooOld(rows[0]?.least, options.termsVersion);
	return new Map(
		rows.flatMap((row) =>
			row.hash === null ? [] : [[row.hash.toString('latin1') as KeyHashText, readableFacts(row)]],
		),
	);
}

/**
 * The facts of a key as they stay until the transaction ends: whoever revokes it or takes its plan
 * away waits, whoever moves its last use does not.
 *
 * @throws {TooOld | TermsUnknown}
 */
export async function holdKey(
	transaction: Knex.Transaction,
	keyId: string,
	termsVersion: number,
): Promise<KeyFacts | undefined> {
	const answer = await transaction.raw<{rows: Found<FactsRow>[]}>(factsById, [keyId]);
	const [row] = answer.rows;
	if (row === undefined) return undefined;
	refuseIfTooOld(row.least, termsVersion);
	return factsOf(row);
}

/**
 * The facts of a key of an organisation, as they are now.
 *
 * @throws {TooOld | TermsUnknown}
 */
export async function findKeyFacts(
	db: Knex,
	{organisationId, keyId}: {organisationId: string; keyId: string},
	termsVersion: number,
): Promise<KeyFacts | undefined> {
	const answer = await db.raw<{rows: Found<FactsRow>[]}>(factsInOrganisation, [
		keyId,
		organisationId,
	]);
	const [row] = answer.rows;
	if (row === undefined) return undefined;
	refuseIfTooOld(row.least, termsVersion);
	return factsOf(row);
}

function readableFacts(row: FactsRow): KeyFacts | TermsUnknown {
	try {
		return factsOf(row);
	} catch (error) {
		if (error instanceof TermsUnknown) return error;
		throw error;
	}
}

function factsOf(row: FactsRow): KeyFacts {
	const rules = rulesIn(row);
	return prepareFacts({
		keyId: row.id,
		name: row.name,
		organisationId: row.organisation_id,
		plan: row.plan,
		createdAt: toTimestamp(row.created_at),
		expiresAt: row.expires_at,
		revokedAt: row.revoked_at,
		isSuspended: row.is_suspended,
		notBefore: row.not_before,
		graceUntil: row.is_rotated ? endedEarly : row.grace_until,
		rules,
		labels: row.labels === null ? undefined : labelsOf(row.labels),
		lineageId: row.lineage_id ?? row.id,
		limits: limitsIn(row, rules),
		quotaAdjustments:
			row.quota_adjustments === null ? undefined : readAdjustments(row.quota_adjustments),
		checks: undefined,
	});
}

/** Undefined: it carries nothing, as most do. */
function rulesIn({id, terms, roles}: FactsRow): KeyRules | undefined {
	return terms === '{}' && roles === null ? undefined : rulesOf(id, terms, roles);
}

/** Undefined: it may be used as often as anybody likes, as most may, and no policy says more. */
function limitsIn(
	{id, shared_limits: shared, when_redis_is_away: whenRedisIsAway}: FactsRow,
	rules: KeyRules | undefined,
): KeyLimits | undefined {
	try {
		return limitsOf({
			...(rules?.limits ?? noLimits),
			shared: shared === null ? [] : readShared(shared),
			whenRedisIsAway,
		});
	} catch (error) {
		throw new TermsUnknown(id, {cause: error});
	}
}
