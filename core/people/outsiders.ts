import type {Knex} from 'knex';
import type {By} from '../audit/actor.ts';
import {refusals} from '../audit/refusals.ts';
import type {Log} from '../log.ts';
import type {UserCaller} from './caller.ts';
import {userCaller} from './user-caller.ts';
import {identify, type IdentityRefusal} from './identities.ts';
import type {Issuer} from './issuers/issuers.ts';
import type {IdentityProvider} from './issuers/provider.ts';
import {rightsOf} from './issuers/rights.ts';
import type {TokenFault} from './issuers/token.ts';

export type Refused = {
	kind: 'refused';
	/** `denied`: by the person themselves, at the provider. */
	reason: TokenFault | IdentityRefusal | 'denied';
	/** Of a token that was genuine. */
	subject?: string | undefined;
};

export type Outsider =
	| {kind: 'caller'; caller: UserCaller}
	| Refused
	/** The keys of the provider cannot be had. */
	| {kind: 'unavailable'};

/**
 * Who calls with an access token of an identity provider. It counts until it ends, for whom is not
 * disabled here.
 */
export async function findOutsider(
	db: Knex,
	by: By,
	{provider, check}: Issuer,
	token: string,
): Promise<Outsider> {
	const verdict = await check(token, 'access');
	if (verdict.kind !== 'good') return verdict;
	const identified = await identify(db, by, provider, verdict.claims);
	if (identified.kind === 'refused') return identified;
	const {organisation_id: organisationId, ...user} = identified.user;
	const rights = rightsOf(provider.claims, verdict.claims);
	return {kind: 'caller', caller: userCaller(user, null, organisationId, rights)};
}

/** Records refused people and tokens of providers. */
export function outsiderRefusals(db: Knex, log: Log) {
	const note = refusals(db, log);

	return async function noteOutsider(
		by: By,
		{name}: IdentityProvider,
		refused: Refused,
	): Promise<void> {
		const {reason, subject} = refused;
		const isNew = await note(JSON.stringify([name, reason, subject]), by, {
			action: 'identity.refused',
			target: {type: 'identity_provider', name},
			details: {reason, subject},
		});
		const advice = subject === undefined ? undefined : advices[reason as IdentityRefusal];
		if (isNew && advice !== undefined) log.warn({provider: name, subject, reason}, advice);
	};
}

/** What an operator can do about a person who should come in. */
const advices: Partial<Record<IdentityRefusal, string>> = {
	'no email': 'a person was refused: their first token must have the claim of claims.email',
	'email not verified': 'a person was refused: the provider has not verified their email',
	'email taken':
		'a person was refused: a user here has this email already; see docs/identity-providers.md',
	'not set up': 'a person was refused: make the first administrator first',
};
