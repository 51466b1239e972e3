import type {Knex} from 'knex';
import type {Role} from '../../contract/people.ts';
import type {ActingRole} from '../../contract/permissions.ts';
import type {Caller, UserCaller} from './caller.ts';
import {holdPerson} from './lock.ts';
import {findGranted, holdGranted} from './machines/grant.ts';
import {findSession} from './sessions.ts';
import {findRole} from './store.ts';
import type {AccessClaims} from './tokens/access-token.ts';

/** Whom an access token is about, as long as what it rests on still counts. */
export async function findCaller(db: Knex, claims: AccessClaims): Promise<Caller | undefined> {
	if (claims.kind === 'service_account') return findGranted(db, claims);
	const caller = await findSession(db, claims.sessionId);
	return caller?.userId === claims.userId ? caller : undefined;
}

/** As `findCaller`, and so it stays until the transaction ends. */
export async function holdCaller(
	transaction: Knex.Transaction,
	claims: AccessClaims,
): Promise<Caller | undefined> {
	if (claims.kind === 'service_account') return holdGranted(transaction, claims);
	await holdPerson(transaction, claims.userId);
	return findCaller(transaction, claims);
}

/** What a caller is in an organisation that exists; undefined: nothing. */
export async function actingRoleOf(
	db: Knex,
	caller: Caller,
	organisationId: string,
): Promise<ActingRole | undefined> {
	if (caller.kind === 'service_account') {
		return caller.organisationId === organisationId ? caller.role : undefined;
	}
	return caller.isOperator ? 'operator' : roleOf(db, caller, organisationId);
}

/** The role of a person in an organisation, also of an operator. */
export async function roleOf(
	db: Knex,
	caller: UserCaller,
	organisationId: string,
): Promise<Role | undefined> {
	if (caller.roles !== undefined) return caller.roles[organisationId.toLowerCase()];
	return findRole(db, organisationId, caller.userId);
}
