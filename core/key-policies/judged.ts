import type {Knex} from 'knex';
import {rulesOfKeys, type KeyPolicy, type RuleOfKeys} from '../../contract/key-policies.ts';
import {reservedPrefix} from '../../contract/scopes.ts';
import {sliceOldestFirst} from '../db/position.ts';
import {graceIsNotOver} from '../keys/grace.ts';
import {endOfPart, type JudgedBatch, type KeyBatch} from '../keys/judged-batches.ts';
import {leewayMs} from './rules.ts';
import {idleSince} from './enforced.ts';
import type {PolicyPlace} from './store.ts';

/*
Keys that break a rule, found in SQL: `breachesOfKey` says the same of one key, in words. It is the tests
that hold the two together (test/key-policies/impact.test.ts).
*/

const lifetime = "p.max_lifetime_days * interval '24 hours'";
const rotation = "p.rotate_every_days * interval '24 hours'";

/** Of a scope `s`: nothing in the catalogue gives it. */
const isUncovered = `not (s = any(p.exact) or s ^@ any(p.prefixes)
	or (p.has_everything and not s ^@ '${reservedPrefix}'))`;

const rolesOfKey = 'key_role_members m join key_roles r on r.id = m.role_id where m.key_id = k.id';

/** Of a key `k` and the policy `p` that holds for it. */
const breaks: Record<RuleOfKeys, string> = {
	max_lifetime_days: `p.max_lifetime_days is not null and (k.expires_at is null
		or k.expires_at > k.created_at + ${lifetime} + interval '${leewayMs} milliseconds')`,
	require_expiry: 'p.require_expiry and k.expires_at is null',
	rotate_every_days: `p.rotate_every_days is not null and k.replaced_by_id is null
		and k.created_at + ${rotation} <= now()`,
	idle_suspend_days: `p.idle_suspend_days is not null and k.replaced_by_id is null and k.suspended_at is null
		and ${idleSince} + p.idle_suspend_days * interval '24 hours' <= now()`,
	require_scopes: `case when p.require_scopes and k.terms -> 'scopes' is null
		then not exists (select from ${rolesOfKey}) end`,
	scope_catalogue: `case when p.has_catalogue
		then (p.number, k.terms -> 'scopes') in (select number, scopes from uncovered)
			or exists (select from ${rolesOfKey} and exists (select from unnest(r.scopes) s where ${isUncovered}))
		end`,
	require_ip_allow: "p.require_ip_allow and k.terms -> 'ip_allow' is null",
};

const broken = rulesOfKeys.map((rule) => `case when ${breaks[rule]} then '${rule}' end`).join(', ');
const counts = rulesOfKeys
	.map((rule) => `count(*) filter (where '${rule}' = any(rules))::int as ${rule}`)
	.join(', ');

/** Lists of scopes, of which many keys have the same: each is held against a catalogue once. */
const uncoveredLists = `select p.number, list.scopes
	from (select distinct organisation_id, terms -> 'scopes' as scopes from part) list
	left join asked own on own.organisation_id = list.organisation_id
	join asked p on p.number = coalesce(own.number, 0) and p.has_catalogue
	where exists (select from jsonb_array_elements_text(list.scopes) s where ${isUncovered})
	group by p.number, list.scopes`;

/** Keys that are dead, or have come to an end of their own, break nothing any more. */
const judgedKeys = `select k.id, k.created_at, p.is_enforced,
		array_remove(array[${broken}], null) as rules, k.created_at + ${lifetime} <= now() as is_old
	from part k
	left join asked own on own.organisation_id = k.organisation_id
	join asked p on p.number = coalesce(own.number, 0)
	where ${graceIsNotOver} and (k.expires_at is null or k.expires_at > now())`;

const askedPolicies = `select * from jsonb_to_recordset(?::jsonb) as p(
	number int, organisation_id uuid, max_lifetime_days int, require_expiry boolean, rotate_every_days int,
	idle_suspend_days int,	require_scopes boolean, require_ip_allow boolean, is_enforced boolean,
	has_catalogue boolean, exact text[], prefixes text[], has_everything boolean)`;

const summary = `count(*)::int as keys,
	count(*) filter (where rules <> '{}')::int as affected,
	count(*) filter (where is_old and 'max_lifetime_days' = any(rules))::int as outlived,
	count(*) filter (where is_old and is_enforced and 'max_lifetime_days' = any(rules))::int as refused,
	${counts}`;

const foundKeys = `array(
	select id from judged where rules <> '{}' and (:rule::text is null or :rule = any(rules))
	order by created_at, id limit :most
)::text[] as found`;

/** What holds for the keys of each organisation; null: of all those that are not named. */
export type PolicyByPlace = ReadonlyMap<PolicyPlace, KeyPolicy>;

/** Found are the ids of those that were asked for. */
export type Judged = Record<'keys' | 'affected' | 'outlived' | 'refused' | RuleOfKeys, number> &
	JudgedBatch<string>;

/** Judges the keys of a place that come next, oldest first: so many are read, and no more. */
export async function judgeKeys(
	db: Knex,
	{place, policies}: {place: PolicyPlace; policies: PolicyByPlace},
	{position, batch, most}: KeyBatch,
	rule: RuleOfKeys | undefined,
): Promise<Judged> {
	const part = db('api_keys')
		.whereNull('revoked_at')
		.select(
			'id',
			'organisation_id',
			'created_at',
			'expires_at',
			'replaced_by_id',
			'last_used_at',
			'not_before',
			'changed_at',
			'suspended_at',
			'grace_until',
			'rotation_ended_at',
			'terms',
		);
	if (place !== null) part.where({organisation_id: place});
	sliceOldestFirst(part, {limit: batch, position});
	const asked = [...policies].map(([id, policy], index) => ({
		...rowOf(policy),
		organisation_id: id,
		number: id === null ? 0 : index + 1,
	}));
	const [row] = (await db
		.withMaterialized('part', part)
		.withMaterialized('asked', db.raw(askedPolicies, [JSON.stringify(asked)]))
		.withMaterialized('uncovered', db.raw(uncoveredLists))
		.withMaterialized('judged', db.raw(judgedKeys))
		.from('judged')
		.select(
			db.raw(summary),
			db.raw(foundKeys, {rule: rule ?? null, most}),
			db.raw(endOfPart),
		)) as unknown as Judged[];
	if (row === undefined) throw new Error('a count returned no row');
	return row;
}

/** A policy as the statement reads it. */
function rowOf(policy: KeyPolicy) {
	const catalogue = policy.scope_catalogue ?? [];
	const wild = catalogue.filter((scope) => scope.endsWith('*') && scope !== '*');
	return {
		...policy,
		is_enforced: policy.applies_to_existing === 'enforce',
		has_catalogue: policy.scope_catalogue !== null,
		exact: catalogue,
		prefixes: wild.map((scope) => scope.slice(0, -1)),
		has_everything: catalogue.includes('*'),
	};
}
