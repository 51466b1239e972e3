import type {Knex} from 'knex';
import {
	keyFindingNames,
	neededDays,
	unusedDays,
	watchedDays,
	type HygieneBounds,
	type KeyFinding,
} from '../../contract/key-hygiene.ts';
import {reservedPrefix} from '../../contract/scopes.ts';
import {clientDays} from '../../contract/usage.ts';
import {sliceOldestFirst} from '../db/position.ts';
import {shortOfLife} from '../key-policies/enforced.ts';
import {graceIsNotOver} from '../keys/grace.ts';
import {endOfPart, type JudgedBatch, type KeyBatch} from '../keys/judged-batches.ts';

/* Which keys have which finding, in SQL: what is said of each, and how to fix it, follows from that. */

/** Whose keys are looked at, and by what. */
export type HygieneQuestion = {
	organisationId: string;
	bounds: HygieneBounds;
	/** For how many days a policy has keys accepted; null: it does not say. */
	lifeDays: number | null;
	/** Since when it is recorded what keys need. */
	watchedSince: Date;
};

/** Of a key `k`: a use needed the scope `n.scope` lately. */
export const neededLately = `key_needed_scopes n
	where n.key_id = k.id and n.last_needed_at > now() - interval '${neededDays} days'`;

/** Of a key `k`: the addresses from which it was used lately. What is only refused there uses nothing. */
export const addressesLately = `key_clients c
	where c.key_id = k.id and c.address <> '' and c.count > c.refused
		and c.last_seen_at > now() - interval '${clientDays} days'`;

/** Of a role `r`: it has been as it is for long enough to say what of it is not needed. */
export const isSettled = `r.updated_at <= now() - interval '${watchedDays} days'`;

const rolesOfKey = 'key_role_members m join key_roles r on r.id = m.role_id where m.key_id = k.id';

/** Of a scope `s` that a key `k` has. */
const isUnneeded = `not exists (select from ${neededLately} and (n.scope = s or case
	when s = '*' then not n.scope ^@ '${reservedPrefix}'
	when right(s, 1) = '*' then n.scope ^@ left(s, -1) end))`;

/** One of which no scope was asked may be used by services that read its scopes and decide by themselves. */
const wasWatched = `a.watched_since <= now() - interval '${watchedDays} days'
	and greatest(k.created_at, k.changed_at) <= now() - interval '${watchedDays} days'
	and k.last_used_at > greatest(a.watched_since, now() - interval '${neededDays} days')
	and exists (select from ${neededLately})`;

/** Of a key `k` that ends at `k.ends_at`, and the question `a`. */
const isFound: Record<KeyFinding, string> = {
	never_used: `k.last_used_at is null
		and greatest(k.created_at, k.not_before) <= now() - interval '${unusedDays} days'`,
	idle: `k.suspended_at is null and k.last_used_at <= now() - a.idle_days * interval '24 hours'`,
	no_end: 'k.ends_at is null',
	unrestricted: `case when k.terms -> 'scopes' is null and k.terms -> 'ip_allow' is null
		then not exists (select from ${rolesOfKey}) end`,
	expiring: `k.ends_at <= now() + a.expiring_days * interval '24 hours'`,
	over_privileged: `case when ${wasWatched} then
		exists (select from jsonb_array_elements_text(k.terms -> 'scopes') s where ${isUnneeded})
		or exists (select from ${rolesOfKey} and ${isSettled}
			and exists (select from unnest(r.scopes) s where ${isUnneeded})) end`,
	shared: `case when k.terms -> 'ip_allow' is null and k.last_used_at > now() - interval '${clientDays} days'
		then exists (
			select from (select distinct c.address from ${addressesLately}) d offset a.most_addresses
		) end`,
	maker_left: `case
		when k.created_by is not null then not exists (
			select from users u where u.id = k.created_by and u.disabled_at is null and (u.is_operator or exists (
				select from memberships m where m.user_id = u.id and m.organisation_id = a.organisation_id
			))
		)
		when k.created_by_service_account_id is not null then not exists (
			select from service_accounts s where s.id = k.created_by_service_account_id and s.disabled_at is null
		) end`,
};

const found = keyFindingNames
	.map((name) => `case when ${isFound[name]} then '${name}' end`)
	.join(', ');
const countsByFinding = keyFindingNames
	.map((name) => `count(*) filter (where '${name}' = any(findings))::int as ${name}`)
	.join(', ');
const counts = `count(*)::int as keys, count(*) filter (where findings <> '{}')::int as affected, ${countsByFinding}`;

const questions = `select * from jsonb_to_record(?::jsonb) as a(
	organisation_id uuid, idle_days int, expiring_days int, most_addresses int, life_days int,
	watched_since timestamptz)`;

/** A key that is being replaced is on its way out: its successor is looked at. */
const living = `select p.*, least(p.expires_at, p.created_at + a.life_days * interval '24 hours') as ends_at
	from part p cross join asked a
	where p.replaced_by_id is null and ${graceIsNotOver}
		and (p.expires_at is null or p.expires_at > now())
		and (a.life_days is null or ${shortOfLife('a.life_days')})`;

const judged = `select k.id, k.created_at, array_remove(array[${found}], null) as findings
	from living k cross join asked a`;

const foundKeys = `coalesce((select jsonb_agg(jsonb_build_object('id', id, 'created_at', created_at, 'findings', findings)) from (
	select id, created_at, findings from judged
	where findings <> '{}' and (:finding::text is null or :finding = any(findings))
	order by created_at, id limit :most
) f), '[]') as found`;

/** An instant in JSON is a text. */
export type JudgedKey<At = string> = {id: string; created_at: At; findings: KeyFinding[]};

export type JudgedHygiene = Record<'keys' | 'affected' | KeyFinding, number> &
	JudgedBatch<JudgedKey>;

/** Judges the keys of an organisation that come next, oldest first: so many are read, and no more. */
export async function judgeHygiene(
	db: Knex,
	{organisationId, bounds, lifeDays, watchedSince}: HygieneQuestion,
	{position, batch, most}: KeyBatch,
	finding: KeyFinding | undefined,
): Promise<JudgedHygiene> {
	const part = db('api_keys')
		.where({organisation_id: organisationId})
		.whereNull('revoked_at')
		.select(
			'id',
			'created_at',
			'expires_at',
			'not_before',
			'last_used_at',
			'suspended_at',
			'changed_at',
			'replaced_by_id',
			'grace_until',
			'rotation_ended_at',
			'terms',
			'created_by',
			'created_by_service_account_id',
		);
	sliceOldestFirst(part, {limit: batch, position});
	const asked = {
		...bounds,
		organisation_id: organisationId,
		life_days: lifeDays,
		watched_since: watchedSince,
	};
	const [row] = (await db
		.withMaterialized('part', part)
		.withMaterialized('asked', db.raw(questions, [JSON.stringify(asked)]))
		.withMaterialized('living', db.raw(living))
		.withMaterialized('judged', db.raw(judged))
		.from('judged')
		.select(
			db.raw(counts),
			db.raw(foundKeys, {finding: finding ?? null, most}),
			db.raw(endOfPart),
		)) as unknown as JudgedHygiene[];
	if (row === undefined) throw new Error('a count returned no row');
	return row;
}
