import type {KeyPolicy} from '../../contract/key-policies.ts';
import type {RequestedTerms} from '../../contract/key-terms.ts';
import type {ActingRole} from '../../contract/permissions.ts';
import {coversScope} from '../../contract/scopes.ts';
import type {KeyRefused, Proposal} from '../keys/proposal.ts';
import {overlaps} from './effective.ts';
import {dayMs} from './enforced.ts';

/*
What a policy says of a key that is to be made or changed. A change is judged by what it touches: a key
that was made before the policy can be renamed all the same.
*/

/** Clocks of those who ask may be ahead by so much, where they count the days themselves. */
const leewayMs = 60_000;

/** The terms with which a key is made: one that nobody said anything of the end of may get one. */
export function withDefaults(
	policy: KeyPolicy,
	terms: RequestedTerms,
	now: number,
): RequestedTerms {
	const days = policy.default_lifetime_days;
	if (days === null || terms.expires_at !== undefined) return terms;
	const end = Math.floor((now + days * dayMs) / 1000) * 1000;
	return {...terms, expires_at: new Date(end)};
}

type Role = {name: string; scopes: readonly string[]};

/**
 * @param role of whoever acts; undefined: the appliance itself
 * @param roles those that the key is to have, where they change
 */
export function faultOfPolicy(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	proposal: Proposal,
	{roles, now}: {roles: readonly Role[]; now: number},
): KeyRefused | undefined {
	return (
		faultOfEnd(policy, proposal, now) ??
		faultOfRestriction(policy, role, proposal) ??
		faultOfScopes(policy, role, proposal) ??
		faultOfRoles(policy, role, proposal, roles) ??
		faultOfAddresses(policy, proposal)
	);
}

function faultOfEnd(policy: KeyPolicy, {terms, before, createdAt}: Proposal, now: number) {
	const end = terms.expires_at?.getTime();
	if (before !== undefined && before.expires_at?.getTime() === end) return undefined;
	const {max_lifetime_days: most} = policy;
	const since = createdAt?.getTime() ?? now + leewayMs;
	if (most !== null && (end === undefined || end > since + most * dayMs)) {
		const whence = createdAt === undefined ? '' : ' of when the key was made';
		return violation('expires_at', `expires_at must be within ${most} days${whence}`);
	}
	if (!policy.require_expiry || end !== undefined) return undefined;
	return violation('expires_at', 'expires_at is required');
}

/** A key that has neither scopes nor roles may do everything. */
function isRestricted({scopes, roles}: RequestedTerms): boolean {
	return Array.isArray(scopes) || (roles ?? []).length > 0;
}

function faultOfRestriction(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	{terms, before}: Proposal,
): KeyRefused | undefined {
	// What was so before may do no more than it could.
	if (isRestricted(terms) || (before !== undefined && !isRestricted(before))) return undefined;
	if (policy.require_scopes) return violation('scopes', 'scopes is required');
	if (policy.privileged_scopes.length === 0 || mayGivePrivileged(role)) return undefined;
	return privileged('scopes', 'scopes must be given, as a key without them may do everything');
}

/** Of those of a key, or of a role. */
export function faultOfScopes(
	policy: KeyPolicy,
	role: ActingRole | undefined,
	{terms, before}: Proposal,
): KeyRefused | undefined {
	for (const [index, scope] of (terms.scopes ?? []).entries()) {
		// What it has already is not given now.
		if (before?.scopes?.includes(scope)) continue;
		const place = {field: `scopes.${index}`, what: `scopes[${index}]`};
		const fault = faultOfScope(policy, role, scope, place);
		if (fault !== undefined) return fault;
	}
	return undefined;
}

function faultOfRoles(
	policy: KeyPolicy,
	acting: ActingRole | undefined,
	{terms, before}: Proposal,
	roles: readonly Role[],
): KeyRefused | undefined {
	for (const [index, name] of (terms.roles ?? []).entries()) {
		if (before?.roles?.includes(name)) continue;
		const given = roles.find((role) => role.name === name)?.scopes ?? [];
		for (const scope of given) {
			const place = {field: `roles.${index}`, what: `roles[${index}]: its scope ${scope}`};
			const fault = faultOfScope(policy, acting, scope, place);
			if (fault !== undefined) return fault;
		}
	}
	return undefined;
}

function faultOfScope(
	{scope_catalogue: catalogue, privileged_scopes: few}: KeyPolicy,
	role: ActingRole | undefined,
	scope: string,
	{field, what}: {field: string; what: string},
): KeyRefused | undefined {
	if (catalogue?.some((entry) => coversScope(entry, scope)) === false) {
		return violation(field, `${what} must be in the scope catalogue`);
	}
	if (mayGivePrivileged(role) || !few.some((each) => overlaps(each, scope))) return undefined;
	return privileged(field, `${what} must be given by an owner or admin`);
}

function faultOfAddresses(policy: KeyPolicy, {terms, before}: Proposal): KeyRefused | undefined {
	const isUntouched = before !== undefined && !before.ip_allow === !terms.ip_allow;
	if (!policy.require_ip_allow || terms.ip_allow || isUntouched) return undefined;
	return violation('ip_allow', 'ip_allow is required');
}

/** @param seconds for which a key that is rotated is to be accepted beside its successor */
export function faultOfGrace(policy: KeyPolicy, seconds: number): KeyRefused | undefined {
	const {max_grace_seconds: most} = policy;
	if (most === null || seconds <= most) return undefined;
	return violation('grace_seconds', `grace_seconds must be at most ${most}`);
}

function mayGivePrivileged(role: ActingRole | undefined): boolean {
	return role === undefined || role === 'operator' || role === 'owner' || role === 'admin';
}

function violation(field: string, says: string): KeyRefused {
	return {
		kind: 'refused',
		code: 'policy_violation',
		field,
		message: `${says}: the key policy says so`,
	};
}

function privileged(field: string, says: string): KeyRefused {
	return {
		kind: 'refused',
		code: 'role_required',
		field,
		message: `${says}: the key policy says so`,
	};
}
