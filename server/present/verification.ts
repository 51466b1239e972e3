import {outcomes} from '../../contract/outcomes.ts';
import type {ScopeQuery} from '../../contract/scope-query.ts';
import {toTimestamp} from '../../contract/text.ts';
import {
	authHeaders,
	type ForwardAuth,
	type KeySelf,
	type Verification,
} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {missingScopes, textsOf, type Scopes} from '../../core/keys/scopes.ts';
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

/** Headers that tell a proxied service which key called, as names and values in turn. */
export function keyHeaders(facts: KeyFacts): string[] {
	const {keyId, organisationId, lineageId} = facts;
	return [
		authHeaders.method,
		'api_key',
		authHeaders.key,
		keyId,
		authHeaders.organization,
		organisationId,
		authHeaders.lineage,
		lineageId,
		...scopeHeaders(facts.rules?.scopes),
	];
}

const noHeaders: readonly string[] = [];
const headersOfScopes = new WeakMap<Scopes, readonly string[]>();

/** None of a key that is not restricted; the same of all that have the same scopes. */
function scopeHeaders(scopes: Scopes | undefined): readonly string[] {
	if (scopes === undefined) return noHeaders;
	let told = headersOfScopes.get(scopes);
	if (told === undefined) headersOfScopes.set(scopes, (told = writeScopes(scopes)));
	return told;
}

function writeScopes(scopes: Scopes): readonly string[] {
	const text = textsOf(scopes).join(' ');
	if (text.length > mostScopesShown) return [authHeaders.scopesOmitted, '1'];
	// nginx sends no header that is empty: without the second one a key without scopes would look like any.
	return [authHeaders.scopes, text, ...(text === '' ? [authHeaders.scopesOmitted, '1'] : [])];
}

/** What a proxy is told of a key in the body. */
export function presentProxiedKey({keyId, organisationId}: KeyFacts): ForwardAuth {
	return {auth_method: 'api_key', key_id: keyId, user_id: null, organization_id: organisationId};
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
