import {
	rulesOfKeys,
	type KeyPolicy,
	type KeyPolicyRule,
	type RuleOfKeys,
} from '../../contract/key-policies.ts';
import type {RequestedTerms} from '../../contract/key-terms.ts';
import type {ActingRole} from '../../contract/permissions.ts';
import {coversScope} from '../../contract/scopes.ts';
import {wholeSecondOf} from '../../contract/text.ts';
import type {KeyRefused, Proposal} from '../keys/proposal.ts';
import {overlaps} from './effective.ts';
import {dayMs} from './enforced.ts';

/*
What a policy says of a key that is to be made or changed. A change is judged by what it touches: a key
that was made before the policy can be renamed all the same.
*/

/** Clocks of those who ask may be ahead by so much, where they count the days themselves. */
export const leewayMs = 60_000;

/** The terms with which a key is made: of what nobody said anything, the policy may say something. */
export function withDefaults(
	policy: KeyPolicy,
	terms: RequestedTerms,
	now: number,
): RequestedTerms {
	const {default_lifetime_days: days, default_rate_limits, default_quota} = policy;
	const end = days === null ? undefined : new Date(wholeSecondOf(now + days * dayMs));
	return {
		...terms,
		...(end === undefined || terms.expires_at !== undefined ? {} : {expires_at: end}),
		...(default_rate_limits.length === 0 || terms.rate_limits !== undefined
			? {}
			: {rate_limits: default_rate_limits}),
		...(default_quota === null || terms.quota !== undefined ? {} : {quota: default_quota}),
	};
}

type Role = {name: string; scopes: readonly string[]};

/** What a key, as it is proposed, has that a rule does not allow. */
export type Breach = KeyRefused & {rule: KeyPolicyRule; message: string};
type BreachOfKey = Breach & {rule: RuleOfKeys};

/**
 * @param role of whoever acts; undefined: the appliance itself
 * @param roles those that the key is to have, where they change
 */
export function faultOfPolicy(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	proposal: Proposal,
	{roles, now}: {roles: readonly Role[]; now: number},
): Breach | undefined {
	const [first] = breachesOf(policy, role, proposal, {roles, now});
	return first;
}

/**
 * All that a key breaks by being as it is, as if it were made now with what it carries, each rule once.
 *
 * @param roles those that it has
 */
export function breachesOfKey(
	policy: KeyPolicy,
	key: ExistingKey,
	{roles, now}: {roles: readonly Role[]; now: number},
): BreachOfKey[] {
	// Nobody said when it would be written down that it was made.
	const createdAt = new Date(key.createdAt.getTime() + leewayMs);
	const proposal = {organisationId: '', terms: key.terms, createdAt};
	const found = [...breachesOf(policy, undefined, proposal, {roles, now})];
	const late = faultOfAge(policy, key, now);
	if (late !== undefined) found.push(late);
	const unused = faultOfIdleness(policy, key, now);
	if (unused !== undefined) found.push(unused);
	return rulesOfKeys.flatMap((rule) => {
		const first = found.find((breach) => breach.rule === rule);
		return first === undefined ? [] : [{...first, rule}];
	});
}

export type ExistingKey = {
	terms: RequestedTerms;
	createdAt: Date;
	/** It has a successor already. */
	isRotated: boolean;
	/** Since when it is idle; null: it is suspended. */
	idleSince: Date | null;
};

function* breachesOf(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	proposal: Proposal,
	{roles, now}: {roles: readonly Role[]; now: number},
): Generator<Breach, void> {
	yield* faultsOfEnd(policy, proposal, now);
	yield* faultsOfRestriction(policy, role, proposal);
	yield* faultsOfScopes(policy, role, proposal);
	yield* faultsOfRoles(policy, role, proposal, roles);
	yield* faultsOfAddresses(policy, proposal);
}

function* faultsOfEnd(
	policy: KeyPolicy,
	{terms, before, createdAt}: Proposal,
	now: number,
): Generator<Breach, void> {
	const end = terms.expires_at?.getTime();
	if (before !== undefined && before.expires_at?.getTime() === end) return;
	const {max_lifetime_days: most} = policy;
	const since = createdAt?.getTime() ?? now + leewayMs;
	if (most !== null && (end === undefined || end > since + most * dayMs)) {
		const whence = createdAt === undefined ? '' : ' of when the key was made';
		const says = `expires_at must be within ${most} days${whence}`;
		yield violation('max_lifetime_days', 'expires_at', says);
	}
	if (!policy.require_expiry || end !== undefined) return;
	yield violation('require_expiry', 'expires_at', 'expires_at is required');
}

/** A key that has neither scopes nor roles may do everything. */
function isRestricted({scopes, roles}: RequestedTerms): boolean {
	return Array.isArray(scopes) || (roles ?? []).length > 0;
}

function* faultsOfRestriction(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	{terms, before}: Proposal,
): Generator<Breach, void> {
	// What was so before may do no more than it could.
	if (isRestricted(terms) || (before !== undefined && !isRestricted(before))) return;
	if (policy.require_scopes) yield violation('require_scopes', 'scopes', 'scopes is required');
	if (policy.privileged_scopes.length === 0 || mayGivePrivileged(role)) return;
	yield privileged('scopes', 'scopes must be given, as a key without them may do everything');
}

/** Of those of a key, or of a role. */
export function faultOfScopes(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	proposal: Proposal,
): Breach | undefined {
	const [first] = faultsOfScopes(policy, role, proposal);
	return first;
}

function* faultsOfScopes(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	{terms, before}: Proposal,
): Generator<Breach, void> {
	for (const [index, scope] of (terms.scopes ?? []).entries()) {
		// What it has already is not given now.
		if (before?.scopes?.includes(scope)) continue;
		const place = {field: `scopes[${index}]`, what: `scopes[${index}]`};
		yield* faultsOfScope(policy, role, scope, place);
	}
}

function* faultsOfRoles(
	policy: KeyPolicy,
	acting: ActingRole | undefined,
	{terms, before}: Proposal,
	roles: readonly Role[],
): Generator<Breach, void> {
	for (const [index, name] of (terms.roles ?? []).entries()) {
		if (before?.roles?.includes(name)) continue;
		const given = roles.find((role) => role.name === name)?.scopes ?? [];
		for (const scope of given) {
			const place = {field: `roles[${index}]`, what: `roles[${index}]: its scope ${scope}`};
			yield* faultsOfScope(policy, acting, scope, place);
		}
	}
}

function* faultsOfScope(
	{scope_catalogue: catalogue, privileged_scopes: few}: KeyPolicy,
	role: ActingRole | undefined,
	scope: string,
	{field, what}: {field: string; what: string},
): Generator<Breach, void> {
	if (catalogue?.some((entry) => coversScope(entry, scope)) === false) {
		yield violation('scope_catalogue', field, `${what} must be in the scope catalogue`);
	}
	if (mayGivePrivileged(role) || !few.some((each) => overlaps(each, scope))) return;
	yield privileged(field, `${what} must be given by an owner or admin`);
}

function* faultsOfAddresses(policy: KeyPolicy, {terms, before}: Proposal): Generator<Breach, void> {
	const isUntouched = before !== undefined && !before.ip_allow === !terms.ip_allow;
	if (!policy.require_ip_allow || terms.ip_allow || isUntouched) return;
	yield violation('require_ip_allow', 'ip_allow', 'ip_allow is required');
}

/** Nobody is refused for it: it is for whoever looks after keys. */
function faultOfAge(
	{rotate_every_days: days}: KeyPolicy,
	{createdAt, isRotated}: ExistingKey,
	now: number,
): Breach | undefined {
	if (days === null || isRotated || createdAt.getTime() + days * dayMs > now) return undefined;
	const says = `a key must be rotated within ${days} days of when it was made`;
	return violation('rotate_every_days', undefined, says);
}

/** Nor for this: it is suspended, once it was told. */
function faultOfIdleness(
	{idle_suspend_days: days}: KeyPolicy,
	{idleSince, isRotated}: ExistingKey,
	now: number,
): Breach | undefined {
	if (days === null || isRotated || idleSince === null) return undefined;
	if (idleSince.getTime() + days * dayMs > now) return undefined;
	const says = `a key that was not used for ${days} days is suspended`;
	return violation('idle_suspend_days', undefined, says);
}

/** @param seconds for which a key that is rotated is to be accepted beside its successor */
export function faultOfGrace(policy: KeyPolicy, seconds: number): KeyRefused | undefined {
	const {max_grace_seconds: most} = policy;
	if (most === null || seconds <= most) return undefined;
	return violation('max_grace_seconds', 'grace_seconds', `grace_seconds must be at most ${most}`);
}

function mayGivePrivileged(role: ActingRole | undefined): boolean {
	return role === undefined || role === 'operator' || role === 'owner' || role === 'admin';
}

function violation(rule: KeyPolicyRule, field: string | undefined, says: string): Breach {
	return {
		kind: 'refused',
		code: 'policy_violation',
		rule,
		...(field === undefined ? {} : {field}),
		message: `${says}: the key policy says so`,
	};
}

function privileged(field: string, says: string): Breach {
	return {
		kind: 'refused',
		code: 'role_required',
		rule: 'privileged_scopes',
		field,
		message: `${says}: the key policy says so`,
	};
}
