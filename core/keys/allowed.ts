import type {Knex} from 'knex';
import type {RequestedTerms} from '../../contract/key-terms.ts';
import type {By} from '../actor.ts';
import {faultOfPolicy, faultOfScopes, withDefaults} from '../key-policies/rules.ts';
import {holdKeyPolicies} from '../key-policies/store.ts';
import {termsApart, type TermApart, type WholeKey} from './present.ts';
import type {KeyRefused, Proposal} from './proposal.ts';
import {holdKeyRoles, rolesIn} from './roles/members.ts';
import {faultOfTimes} from './times.ts';

/** With the terms that the key gets: those that were proposed, and what is added where it is made. */
type Allowed = {kind: 'allowed'; terms: RequestedTerms};

/**
 * Whether whoever acts (`by.role`) may have a key carry something. The one question that making,
 * changing and rotating a key ask, in the transaction that does it: before it requires a version of
 * terms, which would outlast a refusal, and once the key that is changed is locked.
 *
 * @param now by the clock that all servers share
 */
export async function allowTerms(
	transaction: Knex.Transaction,
	by: By,
	proposal: Proposal,
	now: number,
): Promise<KeyRefused | Allowed> {
	const {effective} = await holdKeyPolicies(transaction, proposal.organisationId);
	const {before} = proposal;
	const isNew = before === undefined;
	const terms = isNew ? withDefaults(effective, proposal.terms, now) : proposal.terms;
	const fault = faultOfTimesIn(terms, before, now);
	if (fault !== undefined) return {kind: 'refused', code: 'invalid_field', ...fault};
	const roles = isSameRoles(terms, before) ? [] : (terms.roles ?? []);
	const held = await holdKeyRoles(transaction, proposal.organisationId, roles);
	if (!Array.isArray(held)) return {kind: 'refused', code: 'invalid_field', ...held};
	return (
		faultOfPolicy(effective, by.role, {...proposal, terms}, {roles: held, now}) ?? {
			kind: 'allowed',
			terms,
		}
	);
}

/**
 * The same of the scopes of a role. Keys that have it already are not asked about: it is theirs.
 *
 * @param before those that it has; undefined: it is to be made
 */
export async function allowScopesOfRole(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	scopes: string[],
	before?: string[],
): Promise<KeyRefused | undefined> {
	const {effective} = await holdKeyPolicies(transaction, organisationId);
	const proposal = {organisationId, terms: {scopes}, before: {scopes: before}};
	return faultOfScopes(effective, by.role, proposal);
}

/** Whether a change may be made that does not say which version of the key it is meant for. */
export async function allowUnconditional(
	transaction: Knex.Transaction,
	organisationId: string,
): Promise<KeyRefused | undefined> {
	const {effective} = await holdKeyPolicies(transaction, organisationId);
	return effective.require_if_match ? {kind: 'refused', code: 'precondition_required'} : undefined;
}

/** All that a key carries. */
export function termsOf(row: Pick<WholeKey, 'terms' | TermApart>): RequestedTerms {
	return {...row.terms, ...Object.fromEntries(termsApart.map((name) => [name, row[name]]))};
}

/** Those that a key has already have a name of today. */
function isSameRoles(terms: RequestedTerms, before: RequestedTerms | undefined): boolean {
	return before !== undefined && String(rolesIn(terms)) === String(rolesIn(before));
}

function faultOfTimesIn(terms: RequestedTerms, before: RequestedTerms | undefined, now: number) {
	const isSame = (name: 'expires_at' | 'not_before') =>
		before !== undefined && before[name]?.getTime() === terms[name]?.getTime();
	// A key that has expired can still be renamed, or begin at another time.
	if (!isSame('expires_at')) return faultOfTimes(terms, now);
	return isSame('not_before') ? undefined : faultOfTimes(terms, -Infinity);
}
