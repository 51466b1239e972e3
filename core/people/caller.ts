import type {Knex} from 'knex';
import type {Role} from '../../contract/people.ts';
import type {Grantee} from '../../contract/permissions.ts';
import type {ServiceAccountRole} from '../../contract/service-accounts.ts';
import {findGranted} from '../service-accounts/grant.ts';
import type {AccessClaims} from './access-token.ts';
import {findRole, findSession} from './sessions.ts';
import type {ClaimedRights} from './issuers/rights.ts';

/** Who calls with a JWT. */
export type Caller = UserCaller | ServiceAccountCaller;

/** A person, by an open session or by a token of their identity provider. */
export type UserCaller = {
	kind: 'user';
	userId: string;
	email: string;
	isOperator: boolean;
	/** Null: by a token of an identity provider, which is good until it ends. */
	sessionId: string | null;
	/** The organisation the session acts in unless a request names another. */
	organisationId: string | null;
	/** What an identity provider says of their roles; it replaces the memberships here. */
	roles: ClaimedRights['roles'];
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
