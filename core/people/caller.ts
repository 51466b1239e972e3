import type {ServiceAccountRole} from '../../contract/service-accounts.ts';
import type {ClaimedRights} from '../issuers/rights.ts';

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

/**
 * A person as a caller.
 *
 * @param organisationId the one acted in, unless the provider gives roles in others only
 * @param rights what their identity provider says of them, if it does
 */
export function userCaller(
	user: {id: string; email: string; is_operator: boolean},
	sessionId: string | null,
	organisationId: string | null,
	rights: ClaimedRights | undefined,
): UserCaller {
	const {isOperator = user.is_operator, roles} = rights ?? {};
	const isTheirs = roles === undefined || (organisationId !== null && organisationId in roles);
	return {
		kind: 'user',
		userId: user.id,
		email: user.email,
		isOperator,
		sessionId,
		organisationId: isTheirs ? organisationId : (Object.keys(roles)[0] ?? null),
		roles,
	};
}
