import type {UserCaller} from './caller.ts';
import type {ClaimedRights} from './issuers/rights.ts';

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
