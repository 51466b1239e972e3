import {outcomes} from '../../contract/outcomes.ts';
import type {ScopeQuery} from '../../contract/scope-query.ts';
import {toTimestamp} from '../../contract/text.ts';
import {authHeaders, type KeySelf, type Verification} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {missingScopes, textsOf} from '../../core/keys/scopes.ts';
import {plainUse} from '../../core/limits/charges.ts';
import {presentHeldLimits} from './limits.ts';
import type {Verdict} from '../../core/verification/verifier.ts';

/*
What is told of the check of a key, for the application and for what is answered before it. Texts put
together by hand would save 50 ns of the 200 that JSON.stringify takes, and be a second place to
forget a member in.
*/

export function presentVerification(verdict: Verdict, {scopes, limits}: Asked): Verification {
	const shown = {...presentVerdict(verdict), ...presentScopes(verdict, scopes)};
	if (limits === undefined || limits === plainUse) return shown;
	return {...shown, ...presentHeldLimits(verdict.limits)};
}

function presentScopes(verdict: Verdict, asked: ScopeQuery | undefined) {
	if (asked === undefined) return {};
	const scopes = verdict.facts?.rules?.scopes;
	const isLacking = verdict.outcome === 'insufficient_scope' && scopes !== undefined;
	return {
		scopes: scopes === undefined ? null : [...textsOf(scopes)],
		missing_scopes: isLacking ? missingScopes(asked, scopes) : null,
	};
}

/** In bytes: proxies have bounds for headers. */
const mostScopesShown = 2048;

/** Headers that tell a proxied service the scopes of a key; none of one that is not restricted. */
export function scopeHeaders({rules}: KeyFacts): string[] {
	const scopes = rules?.scopes;
	if (scopes === undefined) return [];
	const text = textsOf(scopes).join(' ');
	if (text.length > mostScopesShown) return [authHeaders.scopesOmitted, '1'];
	// nginx sends no header that is empty: without the second one a key without scopes would look like any.
	return [authHeaders.scopes, text, ...(text === '' ? [authHeaders.scopesOmitted, '1'] : [])];
}

function presentVerdict({outcome, facts}: Verdict): Verification {
	return {
		valid: outcome === 'valid',
		code: outcomes[outcome].code,
		key_id: facts?.keyId ?? null,
		name: facts?.name ?? null,
		organization_id: facts?.organisationId ?? null,
		expires_at: facts?.expiresAt ? toTimestamp(facts.expiresAt) : null,
	};
}

export function presentSelf(facts: KeyFacts): KeySelf {
	return {
		id: facts.keyId,
		name: facts.name,
		organization_id: facts.organisationId,
		plan: facts.plan,
		created_at: facts.createdAt,
		expires_at: facts.expiresAt && toTimestamp(facts.expiresAt),
	};
}
