import type {Introspection} from '../../contract/oauth.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {textsOf} from '../../core/keys/scopes.ts';

/** A key as OAuth tells of a token that is active (RFC 7662, 2.2). @param issuer the public URL */
export function presentActive(facts: KeyFacts, issuer: string): Introspection {
	const {keyId, lineageId, rules, notBefore} = facts;
	const owner = facts.labels?.owner ?? undefined;
	const end = endOf(facts);
	return {
		active: true,
		...(rules?.scopes === undefined ? {} : {scope: textsOf(rules.scopes).join(' ')}),
		client_id: keyId,
		sub: owner?.id ?? lineageId,
		token_type: 'Bearer',
		...(end === undefined ? {} : {exp: seconds(end)}),
		iat: seconds(Date.parse(facts.createdAt)),
		...(notBefore === null ? {} : {nbf: seconds(notBefore.getTime())}),
		iss: issuer,
		jti: keyId,
		lineage_id: lineageId,
		organization_id: facts.organisationId,
		name: facts.name,
		...(owner === undefined ? {} : {owner}),
	};
}

/** When it will not be accepted any more, as far as that is known, in ms. */
function endOf({expiresAt, graceUntil}: KeyFacts): number | undefined {
	const ends = [expiresAt, graceUntil].filter((end) => end !== null);
	return ends.length === 0 ? undefined : Math.min(...ends.map((end) => end.getTime()));
}

/** Whole ones, never later than it is (RFC 7519, 2: NumericDate). */
function seconds(ms: number): number {
	return Math.floor(ms / 1000);
}
