import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {tryPassword, type PasswordRefusal} from './passwords/password-attempt.ts';
import {openSession} from './sessions.ts';
import {findRole, firstOrganisationOf} from './store.ts';

export type Login =
	| {kind: 'opened'; userId: string; sessionId: string; refreshToken: string}
	/** Unknown user, wrong password, blocked or disabled account: the caller is not told which. */
	| {kind: 'refused'; reason: PasswordRefusal}
	| {kind: 'no such organisation'};

/**
 * Checks a password and opens a session in `organisationId`, or in the user's first organisation.
 *
 * @throws {PasswordQueueFull} when too many passwords are being checked
 */
export async function logIn(
	db: Knex,
	by: By,
	credentials: {
		email: string;
		password: string;
		organisationId: string | undefined;
		userAgent: string | undefined;
	},
): Promise<Login> {
	return tryPassword<Login>(db, by, credentials, async (transaction, user) => {
		const {id: userId, email} = user;
		const organisationId = await chooseOrganisation(transaction, user, credentials.organisationId);
		if (organisationId === undefined) return {kind: 'no such organisation'};
		const {userAgent} = credentials;
		const session = await openSession(transaction, by, {userId, email, organisationId, userAgent});
		return {kind: 'opened', userId, ...session};
	});
}

/** @returns null for a user without any; undefined when the wanted one is not the user's to choose */
async function chooseOrganisation(
	db: Knex,
	user: {id: string; is_operator: boolean},
	wanted: string | undefined,
): Promise<string | null | undefined> {
	if (wanted === undefined) return (await firstOrganisationOf(db, user.id))?.id ?? null;
	if ((await findRole(db, wanted, user.id)) !== undefined) return wanted;
	if (!user.is_operator) return undefined;
	return (await db('organisations').where({id: wanted}).select('id').first())?.id;
}
