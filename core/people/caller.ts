import type {Knex} from 'knex';
import type {Grantee} from '../../contract/permissions.ts';
import {findRole} from './sessions.ts';

/** Who calls with a JWT: a person, by an open session. */
export type Caller = {
	kind: 'user';
	userId: string;
	email: string;
	isOperator: boolean;
	sessionId: string;
	/** The organisation the session acts in unless a request names another. */
	organisationId: string | null;
};

/** What a caller is in an organisation that exists; undefined: nothing. */
export async function standingOf(
	db: Knex,
	caller: Caller,
	organisationId: string,
): Promise<Grantee | undefined> {
	return caller.isOperator ? 'operator' : findRole(db, organisationId, caller.userId);
}
