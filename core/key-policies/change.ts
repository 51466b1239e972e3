import type {Knex} from 'knex';
import {
	keyPolicyRuleNames,
	type KeyPolicy,
	type KeyPolicyChanges,
	type KeyPolicyRule,
} from '../../contract/key-policies.ts';
import type {RateLimit} from '../../contract/rate-limits.ts';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {Clock} from '../clock/clock.ts';
import {tellLimits, tellQuota, tellValue} from '../keys/present.ts';
import type {KeyRefused} from '../keys/proposal.ts';
import type {BarrierResult} from '../verification/barrier.ts';
import {recentSeconds, type Coherence} from '../verification/coherence.ts';
import {requireTermsVersion, versionsOfState} from '../verification/terms-version.ts';
import {unsetPolicy} from './effective.ts';
import {readKeyPolicies, type KeyPolicies, type PolicyPlace} from './store.ts';

type Changed = KeyRefused | {kind: 'changed' | 'unchanged'; policies: KeyPolicies};

/**
 * Changes a policy, with its entry and event. Where it is enforced, the answer holds on every server:
 * none of them accepts a key that has lived too long.
 */
export async function changeKeyPolicy(
	{coherence, clock}: {coherence: Coherence; clock: Pick<Clock, 'now'>},
	by: By,
	place: PolicyPlace,
	changes: KeyPolicyChanges,
	isExpected: (version: number) => boolean,
): Promise<{result: Changed; barrier: BarrierResult | undefined}> {
	const {value: result, barrier} = await coherence.change(
		(transaction) => change(transaction, by, place, changes, isExpected),
		({kind}) => kind === 'changed',
	);
	if (result.kind !== 'unchanged') return {result, barrier};
	// Whoever made it so may not be answered yet.
	const changedAt = result.policies.updatedAt?.getTime() ?? -Infinity;
	const isRecent = changedAt > clock.now() - recentSeconds * 1000;
	return {result, barrier: isRecent ? await coherence.waitForEarlier() : undefined};
}

async function change(
	transaction: Knex.Transaction,
	by: By,
	place: PolicyPlace,
	changes: KeyPolicyChanges,
	isExpected: (version: number) => boolean,
): Promise<Changed> {
	// First of all: whoever makes or changes a key holds it, too, before anything else.
	await transaction.raw('select lock_key_policy(?)', [place]);
	const before = await readKeyPolicies(transaction, place);
	const proposed = proposePolicy(before, changes, isExpected);
	if (proposed.kind === 'refused') return proposed;
	const {own, changed} = proposed;
	if (changed.length === 0) return {kind: 'unchanged', policies: before};
	if (own.applies_to_existing === 'enforce') {
		await requireTermsVersion(transaction, versionsOfState.enforced_policy);
		await awaitUses(transaction, place);
	}
	await transaction('key_policies')
		.insert({organisation_id: place, ...columnsOf(own)})
		.onConflict('organisation_id')
		.merge({
			...columnsOf(own),
			version: transaction.raw('key_policies.version + 1'),
			updated_at: transaction.raw('now()'),
		});
	await tell(transaction, by, place, {before: before.own, own, changed});
	return {kind: 'changed', policies: await readKeyPolicies(transaction, place)};
}

/** The driver takes a list for an array of PostgreSQL, and these are kept as JSON. */
function columnsOf({default_rate_limits: limits, ...others}: KeyPolicy) {
	return {...others, default_rate_limits: JSON.stringify(limits) as unknown as RateLimit[]};
}

type Proposed = KeyRefused | {kind: 'proposed'; own: KeyPolicy; changed: KeyPolicyRule[]};

/** What a request would make of a policy, or why it is refused. */
export function proposePolicy(
	before: KeyPolicies,
	changes: KeyPolicyChanges,
	isExpected: (version: number) => boolean,
): Proposed {
	if (!isExpected(before.version)) {
		const message = 'The key policy was changed meanwhile; read it again';
		return {kind: 'refused', code: 'precondition_failed', message};
	}
	const own = changedPolicy(before.own, changes);
	const changed = keyPolicyRuleNames.filter(
		(name) => tellRule(name, own) !== tellRule(name, before.own),
	);
	const fault = changed.length === 0 ? undefined : faultOfDefaults(own);
	if (fault !== undefined) return {kind: 'refused', code: 'invalid_field', ...fault};
	return {kind: 'proposed', own, changed};
}

/** A policy as a request changes it: what it does not name stays, and null takes it back. */
function changedPolicy(policy: KeyPolicy, changes: KeyPolicyChanges): KeyPolicy {
	const named = Object.entries(changes).filter(([, value]) => value !== undefined);
	const values = named.map(([name, value]) => [name, value ?? unsetPolicy[name as KeyPolicyRule]]);
	return {...policy, ...(Object.fromEntries(values) as Partial<KeyPolicy>)};
}

/** What is given where nobody says must itself be allowed. */
function faultOfDefaults(policy: KeyPolicy): {field: string; message: string} | undefined {
	const pairs = [
		['default_lifetime_days', 'max_lifetime_days'],
		['default_grace_seconds', 'max_grace_seconds'],
	] as const;
	for (const [field, bound] of pairs) {
		const [value, most] = [policy[field], policy[bound]];
		if (value === null || most === null || value <= most) continue;
		return {field, message: `${field} must be at most ${bound}, which is ${most}`};
	}
	return undefined;
}

/**
 * Waits for the changes that are made with keys of the organisations, see `confirmRights`: what is
 * refused from now on has no effect later.
 */
async function awaitUses(transaction: Knex.Transaction, place: PolicyPlace): Promise<void> {
	const organisations = transaction('organisations').orderBy('id').forUpdate().select('id');
	if (place !== null) organisations.where({id: place});
	await organisations;
}

function tellRule(name: KeyPolicyRule, policy: KeyPolicy): string | null {
	if (name === 'default_rate_limits') return tellLimits(policy[name]);
	if (name === 'default_quota') return tellQuota(policy[name]);
	const value = policy[name];
	return value === null ? null : tellValue(value);
}

async function tell(
	transaction: Knex.Transaction,
	by: By,
	place: PolicyPlace,
	{before, own, changed}: {before: KeyPolicy; own: KeyPolicy; changed: readonly KeyPolicyRule[]},
): Promise<void> {
	const inWords = (prefix: string, policy: KeyPolicy) =>
		Object.fromEntries(changed.map((name) => [`${prefix}${name}`, tellRule(name, policy)]));
	const details = {
		changed: changed.join(', '),
		...inWords('', own),
		...inWords('previous_', before),
	};
	if (place === null) {
		await record(transaction, by, {
			action: 'appliance_key_policy.updated',
			target: {type: 'appliance'},
			details,
		});
		return;
	}
	const organisation = await transaction('organisations').where({id: place}).first('name');
	await record(transaction, by, {
		action: 'key_policy.updated',
		organisationId: place,
		target: {type: 'organization', id: place, name: organisation?.name},
		details,
		event: {policy: own, changed: [...changed]},
	});
}
