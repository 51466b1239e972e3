import type {Knex} from 'knex';
import {rulesOfKeys, type KeyPolicy, type RuleOfKeys} from '../../contract/key-policies.ts';
import type {KeyPolicyImpact, KeyPolicyImpactCounts} from '../../contract/key-policy-impact.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {KeyPolicyRow} from '../db/key-tables.ts';
import type {Slice} from '../db/position.ts';
import {judgeInBatches} from '../keys/judged-batches.ts';
import {roleNamesOf} from '../keys/roles/members.ts';
import {listed, type ListedKey} from '../keys/present.ts';
import {effectivePolicy, unsetPolicy} from './effective.ts';
import {earlierEnd, idleSinceOf} from './enforced.ts';
import {judgeKeys, type PolicyByPlace} from './judged.ts';
import {breachesOfKey} from './rules.ts';
import {policyOf, type KeyPolicies, type PolicyPlace} from './store.ts';

/* What a policy means for the keys that are there. */

/** Whose keys are asked about, by which policies, and what of them is told. */
export type PolicyQuestion = {place: PolicyPlace; policies: PolicyByPlace; effective: KeyPolicy};

/**
 * What holds for the keys of a place if its policy is this one: for those of the appliance that and the
 * policy of each organisation.
 */
export async function askFor(
	db: Knex,
	place: PolicyPlace,
	{own, appliance}: Pick<KeyPolicies, 'own' | 'appliance'>,
): Promise<PolicyQuestion> {
	if (place !== null) {
		const effective = effectivePolicy(own, appliance);
		return {place, policies: new Map([[null, effective]]), effective};
	}
	const effective = effectivePolicy(unsetPolicy, own);
	const rows: KeyPolicyRow[] = await db('key_policies').whereNotNull('organisation_id').select('*');
	const ofOrganisations = rows.map(
		(row) => [row.organisation_id, effectivePolicy(policyOf(row), own)] as const,
	);
	return {place, policies: new Map([...ofOrganisations, [null, effective]]), effective};
}

export type FoundKey = ListedKey & {
	organisation_id: string;
	organisation_name: string;
	changed_at: Date | null;
};

/**
 * The keys of a slice that break a rule, oldest first, and how many there are in all, where the slice is
 * the first one.
 */
export async function findImpact(
	db: Knex,
	asked: PolicyQuestion,
	slice: Slice,
	rule: RuleOfKeys | undefined,
): Promise<{counts: KeyPolicyImpactCounts | null; rows: FoundKey[]}> {
	const parts = await judgeInBatches(slice, (batch) => judgeKeys(db, asked, batch, rule));
	const counts = noCounts();
	for (const part of parts) {
		for (const name of ['keys', 'affected', 'outlived', 'refused'] as const) {
			counts[name] += part[name];
		}
		for (const name of rulesOfKeys) counts.rules[name] += part[name];
	}
	const found = parts.flatMap((part) => part.found);
	return {
		counts: slice.position === undefined ? counts : null,
		rows: await readKeys(db, found),
	};
}

function noCounts(): KeyPolicyImpactCounts {
	const rules = Object.fromEntries(rulesOfKeys.map((name) => [name, 0]));
	return {
		keys: 0,
		affected: 0,
		outlived: 0,
		refused: 0,
		rules: rules as KeyPolicyImpactCounts['rules'],
	};
}

async function readKeys(db: Knex, ids: readonly string[]): Promise<FoundKey[]> {
	if (ids.length === 0) return [];
	return await db('api_keys as k')
		.join('organisations as o', 'o.id', 'k.organisation_id')
		.whereIn('k.id', ids)
		.orderBy(['k.created_at', 'k.id'])
		.select<FoundKey[]>(
			...listed.map((column) => `k.${column}`),
			roleNamesOf(db, 'k'),
			'k.organisation_id',
			'o.name as organisation_name',
			'k.changed_at',
		);
}

type RoleOfKeys = {organisation_id: string; name: string; scopes: string[]};

/** The roles that some keys have, for what is said of their scopes. */
export async function readRolesOf(db: Knex, rows: readonly FoundKey[]): Promise<RoleOfKeys[]> {
	const ids = rows.filter(({roles}) => roles.length > 0).map(({id}) => id);
	if (ids.length === 0) return [];
	return await db('key_roles')
		.whereIn('id', db('key_role_members').whereIn('key_id', ids).select('role_id'))
		.select('organisation_id', 'name', 'scopes');
}

/** @param now by the clock that all servers share */
export function presentAffectedKey(
	row: FoundKey,
	{policies}: PolicyQuestion,
	roles: readonly RoleOfKeys[],
	now: number,
): KeyPolicyImpact['keys'][number] {
	const policy = policies.get(row.organisation_id) ?? policies.get(null);
	if (policy === undefined) throw new Error('no policy holds for a key');
	const {max_lifetime_days: days} = policy;
	const end = earlierEnd(row, days);
	const accepted = [end, row.grace_until].filter((each) => each !== null);
	const until = accepted.length === 0 ? null : new Date(Math.min(...accepted.map(Number)));
	const key = {
		terms: {...row.terms, expires_at: row.expires_at, roles: row.roles},
		createdAt: row.created_at,
		isRotated: row.replaced_by_id !== null,
		idleSince: row.suspended_at === null ? idleSinceOf(row) : null,
	};
	const own = roles.filter((role) => role.organisation_id === row.organisation_id);
	const breaches = breachesOfKey(policy, key, {roles: own, now});
	return {
		id: row.id,
		name: row.name,
		hint: row.hint,
		organization: {id: row.organisation_id, name: row.organisation_name},
		created_at: toTimestamp(row.created_at),
		last_used_at: row.last_used_at && toTimestamp(row.last_used_at),
		expires_at: row.expires_at && toTimestamp(row.expires_at),
		accepted_until: until && toTimestamp(until),
		refused: policy.applies_to_existing === 'enforce' && end !== null && end.getTime() <= now,
		breaches: breaches.map(({rule, field = null, message}) => ({rule, field, error: message})),
	};
}
