import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {createRefusalRecorder} from '../../audit/trail/refusals.ts';
import type {Log} from '../../log.ts';
import {userCaller, type UserCaller} from '../caller.ts';
import {holdPerson} from '../lock.ts';
import {identify, type IdentityRefusal} from './identities.ts';
import type {Issuer} from '../../issuers/issuers.ts';
import type {IdentityProvider} from '../../issuers/provider.ts';
import {rightsOf, type Claims} from '../../issuers/rights.ts';
import type {TokenFault} from '../../issuers/token.ts';

export type Refused = {
	kind: 'refused';
	/** `denied`: by the person themselves, at the provider. */
	reason: TokenFault | IdentityRefusal | 'denied';
	/** Of a token that was genuine. */
	subject?: string | undefined;
};

export type FederatedUser =
	| {kind: 'caller'; caller: UserCaller; claims: Claims}
	| Refused
	/** The keys of the provider cannot be had. */
	| {kind: 'unavailable'};

/**
 * Who calls with an access token of an identity provider. It counts until it ends, for whom is not
 * disabled here.
 */
export async function findFederatedUser(
	db: Knex,
	by: By,
	{provider, check}: Issuer,
	token: string,
): Promise<FederatedUser> {
	const verdict = await check(token, 'access');
	if (verdict.kind !== 'good') return verdict;
	return identifyCaller(db, by, provider, verdict.claims);
}

/** As `findFederatedUser`, for a token that was checked; so it stays until the transaction ends. */
export async function holdFederatedUser(
	transaction: Knex.Transaction,
	by: By,
	{provider}: Issuer,
	{caller, claims}: {caller: UserCaller; claims: Claims},
): Promise<UserCaller | undefined> {
	await holdPerson(transaction, caller.userId);
	const found = await identifyCaller(transaction, by, provider, claims);
	// Another person than before is another request.
	return found.kind === 'caller' && found.caller.userId === caller.userId
		? found.caller
		: undefined;
}

async function identifyCaller(
	db: Knex,
	by: By,
	provider: IdentityProvider,
	claims: Claims,
): Promise<FederatedUser> {
	const identified = await identify(db, by, provider, claims);
	if (identified.kind === 'refused') return identified;
	const {organisation_id: organisationId, ...user} = identified.user;
	const rights = rightsOf(provider.claims, claims);
	return {kind: 'caller', caller: userCaller(user, null, organisationId, rights), claims};
}

/** Records refused people and tokens of providers. */
export function createFederatedRefusalRecorder(db: Knex, log: Log) {
	const note = createRefusalRecorder(db, log);

	return async function noteFederatedRefusal(
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
