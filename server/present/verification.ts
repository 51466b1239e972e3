import type {ShownTerms} from '../../contract/key-terms.ts';
import {outcomes, type Outcome} from '../../contract/outcomes.ts';
import {toTimestamp} from '../../contract/text.ts';
import {
	authHeaders,
	type BriefVerification,
	type ExplainedCheck,
	type ForwardAuth,
	type FullKeySelf,
	type FullVerification,
	type KeySelf,
} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {noLabels} from '../../core/keys/labels.ts';
import {isEndedEarly, statusOfFacts} from '../../core/keys/status.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {missingScopes, textsOf, type Scopes} from '../../core/keys/scopes.ts';
import {presentHeldLimits, presentKeyLimits} from './limits.ts';
import type {LimitsVerdict} from '../../core/limits/verdict.ts';

/*
What is told of the check of a key, for the application and for what is answered before it, which writes
the shortest answers itself: see texts.ts.
*/

/** What the full answer tells beside the verdict. */
export type AboutVerification = {
	requestId: string;
	/** When it was decided, in ms since the epoch. */
	now: number;
	/** Where the facts of the key were read. */
	source: 'memory' | 'database';
	/** Of a dry run. */
	checks?: ExplainedCheck[];
};

/** What was decided, or would be. */
export type DecidedCheck = {
	outcome: Outcome;
	facts: KeyFacts | undefined;
	limits?: LimitsVerdict | undefined;
};

/** The answer to whoever asks for nothing but the key. */
export function presentVerification({outcome, facts}: DecidedCheck): BriefVerification {
	return {
		valid: outcome === 'valid',
		code: outcomes[outcome].code,
		key_id: facts?.keyId ?? null,
		name: facts?.name ?? null,
		organization_id: facts?.organisationId ?? null,
		expires_at: instant(facts?.expiresAt),
	};
}

export function presentFullVerification(
	verdict: DecidedCheck,
	asked: Asked,
	{requestId, now, source, checks}: AboutVerification,
): FullVerification {
	const {facts} = verdict;
	const {rate_limits, quotas, limits_source} = presentHeldLimits(verdict.limits);
	return {
		...presentVerification(verdict),
		...(facts === undefined ? nothingKnown : presentKnown(facts, now)),
		rate_limits,
		quotas,
		missing_scopes: lackedScopes(verdict, asked),
		request_id: requestId,
		decided_at: timestampOf(now),
		source,
		limits_source,
		...(checks && {checks}),
	};
}

let lastTold = {second: 0, text: ''};

/** All answers of a second tell the same. */
function timestampOf(now: number): string {
	const second = Math.floor(now / 1000);
	if (lastTold.second !== second) lastTold = {second, text: toTimestamp(new Date(now))};
	return lastTold.text;
}

/** @param about absent: nothing but the key was asked about */
export function presentAsAsked(
	verdict: DecidedCheck,
	asked: Asked,
	about: AboutVerification | undefined,
): BriefVerification | FullVerification {
	return about === undefined
		? presentVerification(verdict)
		: presentFullVerification(verdict, asked, about);
}

type Known = Pick<
	FullVerification,
	| 'status'
	| 'lineage_id'
	| 'owner'
	| 'scopes'
	| 'roles'
	| 'tags'
	| 'metadata'
	| 'not_before'
	| 'rotation'
>;

/** What is known of a key, for those who may know it. */
export function presentKnown(facts: KeyFacts, now: number) {
	const {lineageId, rules, notBefore, graceUntil} = facts;
	const {owner, tags, metadata} = facts.labels ?? noLabels;
	return {
		status: statusOfFacts(facts, now),
		lineage_id: lineageId,
		owner,
		scopes: rules?.scopes === undefined ? null : [...textsOf(rules.scopes)],
		roles: [...(rules?.roles?.names ?? [])],
		tags: [...tags],
		metadata,
		not_before: instant(notBefore),
		rotation: graceUntil && {
			role: 'previous',
			grace_until: isEndedEarly(graceUntil) ? null : toTimestamp(graceUntil),
		},
	} satisfies Known;
}

const nothingKnown: Known = {
	status: null,
	lineage_id: null,
	owner: null,
	scopes: null,
	roles: null,
	tags: null,
	metadata: null,
	not_before: null,
	rotation: null,
};

function lackedScopes({outcome, facts}: DecidedCheck, {scopes: asked}: Asked): string[] | null {
	const scopes = facts?.rules?.scopes;
	const isLacking = outcome === 'insufficient_scope' && asked !== undefined;
	return isLacking && scopes !== undefined ? missingScopes(asked, scopes) : null;
}

function instant(at: Date | null | undefined): string | null {
	return at ? toTimestamp(at) : null;
}

/** In bytes: proxies have bounds for headers. */
const mostScopesShown = 2048;

/** Headers that tell a proxied service which key called, as names and values in turn. */
export function keyHeaders(facts: KeyFacts): string[] {
	const {keyId, organisationId, lineageId} = facts;
	const owner = facts.labels?.owner ?? null;
	return [
		authHeaders.method,
		'api_key',
		authHeaders.key,
		keyId,
		authHeaders.organization,
		organisationId,
		authHeaders.lineage,
		lineageId,
		...(owner === null ? noHeaders : [authHeaders.owner, ownerText(owner)]),
		...scopeHeaders(facts.rules?.scopes),
	];
}

/** ASCII with one slash, whatever an owner is called: a header may hold no more (RFC 9110, 5.5). */
function ownerText({type, id}: Exclude<ShownTerms['owner'], null>): string {
	return `${encodeURIComponent(type)}/${encodeURIComponent(id.toWellFormed())}`;
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

/** What a key is told about itself where it asks for all of it. @param limits undefined: it has none */
export function presentFullSelf(
	facts: KeyFacts,
	limits: LimitsVerdict | undefined,
	now: number,
): FullKeySelf {
	const {status, scopes, roles, rotation, ...known} = presentKnown(facts, now);
	return {
		...presentSelf(facts),
		status,
		scopes,
		roles,
		...presentKeyLimits(limits),
		rotation,
		lineage_id: known.lineage_id,
		owner: known.owner,
		tags: known.tags,
		not_before: known.not_before,
	};
}

export function presentSelf(facts: KeyFacts): KeySelf {
	return {
		id: facts.keyId,
		name: facts.name,
		organization_id: facts.organisationId,
		plan: facts.plan,
		created_at: facts.createdAt,
		expires_at: instant(facts.expiresAt),
	};
}
