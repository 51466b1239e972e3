import type {Knex} from 'knex';
import {
	keyPolicyRuleNames,
	type KeyPolicy,
	type KeyPolicyState,
} from '../../contract/key-policies.ts';
import {orderedLimit, orderedQuota} from '../../contract/rate-limits.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {KeyPolicyRow} from '../db/key-tables.ts';
import {effectivePolicy, unsetPolicy} from './effective.ts';

/** The organisation whose policy is meant; null: the appliance's. */
export type PolicyPlace = string | null;

export type KeyPolicies = {
	own: KeyPolicy;
	appliance: KeyPolicy;
	effective: KeyPolicy;
	/** Of the own one; 0: nobody has set anything. */
	version: number;
	updatedAt: Date | null;
};

/** The policies that concern an organisation; those of the appliance are its own. */
export async function readKeyPolicies(db: Knex, place: PolicyPlace): Promise<KeyPolicies> {
	const query = db('key_policies').whereNull('organisation_id');
	if (place !== null) query.orWhere({organisation_id: place});
	return policiesOf(place, await query.select('*'));
}

/**
 * As `readKeyPolicies`, and they stay until the transaction ends: whoever changes them waits for it. Held
 * before the organisation, also by what is written for an `Idempotency-Key`: a change of a policy that is
 * enforced locks both in this order.
 */
export async function holdKeyPolicies(
	transaction: Knex.Transaction,
	organisationId: string,
): Promise<KeyPolicies> {
	const before = held.get(transaction);
	if (before?.organisationId === organisationId) return before.policies;
	const answer = await transaction.raw<{rows: KeyPolicyRow[]}>(
		'select * from hold_key_policies(?)',
		[organisationId],
	);
	const policies = policiesOf(organisationId, answer.rows);
	held.set(transaction, {organisationId, policies});
	return policies;
}

/** What a transaction holds is read once: nobody can change it. */
const held = new WeakMap<Knex.Transaction, {organisationId: string; policies: KeyPolicies}>();

function policiesOf(place: PolicyPlace, rows: readonly KeyPolicyRow[]): KeyPolicies {
	const row = rows.find(({organisation_id: id}) => id === place);
	const appliance = policyOf(rows.find(({organisation_id: id}) => id === null));
	const own = policyOf(row);
	return {
		own,
		appliance,
		effective: effectivePolicy(own, appliance),
		version: row?.version ?? 0,
		updatedAt: row?.updated_at ?? null,
	};
}

export function policyOf(row: KeyPolicyRow | undefined): KeyPolicy {
	if (row === undefined) return unsetPolicy;
	const policy = Object.fromEntries(
		keyPolicyRuleNames.map((name) => [name, row[name]]),
	) as KeyPolicy;
	return {
		...policy,
		default_rate_limits: row.default_rate_limits.map(orderedLimit),
		default_quota: orderedQuota(row.default_quota),
	};
}

export function presentKeyPolicies(place: PolicyPlace, policies: KeyPolicies): KeyPolicyState {
	const {own, appliance, effective, updatedAt} = policies;
	return {
		own,
		appliance: place === null ? null : appliance,
		effective,
		updated_at: updatedAt && toTimestamp(updatedAt),
	};
}
