import type {Knex} from 'knex';
import type {Grantee} from '../../contract/permissions.ts';
import type {ServiceAccountRole} from '../../contract/service-accounts.ts';
import {findGranted} from '../service-accounts/grant.ts';
import type {AccessClaims} from './access-token.ts';
import {findRole, findSession} from './sessions.ts';

/** Who calls with a JWT. */
export type Caller = UserCaller | ServiceAccountCaller;

/** A person, by an open session. */
export type UserCaller = {
	kind: 'user';
	userId: string;
	email: string;
	isOperator: boolean;
	sessionId: string;
	/** The organisation the session acts in unless a request names another. */
	organisationId: string | null;
};

/** A machine of one organisation, never an operator. */
export type ServiceAccountCaller = {
	kind: 'service_account';
	id: string;
	name: string;
	organisationId: string;
	role: ServiceAccountRole;
};

/** Whom an access token is about, as long as what it rests on still counts. */
export async function findCaller(db: Knex, claims: AccessClaims): Promise<Caller | undefined> {
	if (claims.kind === 'service_account') return findGranted(db, claims);
	const caller = await findSession(db, claims.sessionId);
	return caller?.userId === claims.userId ? caller : undefined;
}

/** What a caller is in an organisation that exists; undefined: nothing. */
export async function standingOf(
	db: Knex,
	caller: Caller,
	organisationId: string,
): Promise<Grantee | undefined> {
	if (caller.kind === 'service_account') {
		return caller.organisationId === organisationId ? caller.role : undefined;
	}
	return caller.isOperator ? 'operator' : findRole(db, organisationId, caller.userId);
}
