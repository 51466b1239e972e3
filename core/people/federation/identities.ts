import type {Knex} from 'knex';
import {email as emailAddress} from '../../../contract/people.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {IdentityProvider} from '../../issuers/provider.ts';
import {claimAt, type Claims} from '../../issuers/rights.ts';
import {lockOut} from '../lock-out.ts';
import {findUserByEmail, hasUsers, insertUserIfNew} from '../store.ts';
import {isSubject} from '../../token-form.ts';
import {lockOperators} from '../users.ts';

export type IdentityRefusal =
	/** The claim that names a person is missing, or unfit. */
	| 'no subject'
	| 'no email'
	| 'email not verified'
	/** The email is a user's who did not come from there: an administrator decides. */
	| 'email taken'
	| 'disabled'
	/** The first administrator is still to be made. */
	| 'not set up';

export type Identified =
	| {kind: 'user'; user: IdentifiedUser}
	| {kind: 'refused'; reason: IdentityRefusal; subject: string | undefined};

export type IdentifiedUser = {
	id: string;
	email: string;
	is_operator: boolean;
	/** The first they are a member of. */
	organisation_id: string | null;
};

/**
 * The user that a person of a provider is here. Issuer and subject decide, nothing else; whoever comes
 * for the first time becomes a user without a password.
 *
 * @param claims of a token that was checked
 */
export async function identify(
	db: Knex,
	by: By,
	provider: IdentityProvider,
	claims: Claims,
): Promise<Identified> {
	const subject = claimAt(claims, provider.claims.subject);
	if (!isSubject(subject)) return {kind: 'refused', reason: 'no subject', subject: undefined};
	const known =
		(await findIdentity(db, provider.issuer, subject)) ??
		(await makeIdentity(db, by, provider, subject, claims));
	if (typeof known === 'string') return {kind: 'refused', reason: known, subject};
	const {disabled_at: disabledAt, ...user} = known;
	if (disabledAt !== null) return {kind: 'refused', reason: 'disabled', subject};
	return {kind: 'user', user};
}

type Found = IdentifiedUser & {disabled_at: Date | null};

async function findIdentity(db: Knex, issuer: string, subject: string): Promise<Found | undefined> {
	return await db('identities as i')
		.join('users as u', 'u.id', 'i.user_id')
		.where({'i.issuer': issuer, 'i.subject': subject})
		.select('u.id', 'u.email', 'u.is_operator', 'u.disabled_at')
		.select({
			organisation_id: db('memberships as m')
				.where('m.user_id', db.ref('u.id'))
				.orderBy([{column: 'm.created_at'}, {column: 'm.organisation_id'}])
				.select('m.organisation_id')
				.limit(1),
		})
		.first<Found | undefined>();
}

/** Makes a person known; of two first requests at once, one does. */
async function makeIdentity(
	db: Knex,
	by: By,
	provider: IdentityProvider,
	subject: string,
	claims: Claims,
): Promise<Found | IdentityRefusal> {
	const {issuer} = provider;
	const found = claimAt(claims, provider.claims.email);
	const email = emailAddress.safeParse(found).data;
	if (email === undefined) return 'no email';
	// Some say it as text.
	const isVerified = ['true', true].includes(claims['email_verified'] as string | boolean);
	if (claims['email_verified'] !== undefined && !isVerified) return 'email not verified';
	if (!(await hasUsers(db))) return 'not set up';
	return db.transaction(async (transaction) => {
		await lockIdentity(transaction, issuer, subject);
		const made = await findIdentity(transaction, issuer, subject);
		if (made !== undefined) return made;
		const fresh = await insertUserIfNew(transaction, {
			email,
			passwordHash: null,
			isOperator: false,
			origin: 'identity_provider',
		});
		const isLink = fresh === undefined;
		if (isLink && !(provider.linkByEmail && isVerified)) return 'email taken';
		const user = fresh ?? (await findUserByEmail(transaction, email));
		if (user === undefined) return 'email taken';
		const handedOver = isLink ? await handOver(transaction, by, user.id) : {};
		if (handedOver === undefined) return 'disabled';
		await transaction('identities').insert({issuer, subject, user_id: user.id});
		const identity = await findIdentity(transaction, issuer, subject);
		if (identity === undefined) throw new Error('an identity was made, but is not there');
		await record(transaction, by, {
			action: 'identity.created',
			target: {type: 'user', id: user.id, name: user.email},
			details: {provider: provider.name, issuer, subject, linked: isLink, ...handedOver},
		});
		return identity;
	});
}

/**
 * Gives an account to the person whom the provider vouches for: nobody keeps a way in from before.
 * The last operator with a password keeps it, or a provider that is away would keep everybody out;
 * one whose account an inviter may have made does not.
 *
 * @returns what was taken away; undefined: the account is disabled
 */
async function handOver(transaction: Knex.Transaction, by: By, userId: string) {
	const operators = await lockOperators(transaction, by, userId);
	const user = await transaction('users')
		.where({id: userId})
		.forNoKeyUpdate()
		.first('disabled_at', 'confirmed_at');
	if (user === undefined || user.disabled_at !== null) return undefined;
	const isLastOperator = operators.length === 1 && operators[0] === userId;
	const keepsPassword = isLastOperator && user.confirmed_at !== null;
	const taken = await lockOut(transaction, userId, 'identity linked', {keepsPassword});
	await transaction('users')
		.where({id: userId})
		.whereNull('confirmed_at')
		.update({confirmed_at: transaction.raw('now()')});
	return taken;
}

/** Lets one transaction at a time make an identity known, over all servers. */
async function lockIdentity(
	transaction: Knex.Transaction,
	issuer: string,
	subject: string,
): Promise<void> {
	const name = `identity ${JSON.stringify([issuer, subject])}`;
	await transaction.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [name]);
}
