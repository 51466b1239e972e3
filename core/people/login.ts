import type {Knex} from 'knex';
import {verifyPassword} from './password.ts';
import {findRole, openSession} from './sessions.ts';
import {
	countFailedLogin,
	findUserByEmail,
	firstOrganisationOf,
	forgetFailedLogins,
	isLoginBlocked,
} from './store.ts';

export type Login =
	| {kind: 'opened'; userId: string; sessionId: string; refreshToken: string}
	/** Unknown user, wrong password, blocked or disabled account: the caller is not told which. */
	| {kind: 'refused'; reason: 'unknown' | 'password' | 'blocked' | 'disabled'}
	| {kind: 'no such organisation'};

/**
 * Checks a password and opens a session in `organisationId`, or in the user's first organisation.
 * A refusal costs the same work whatever its reason.
 *
 * @throws {PasswordQueueFull} when too many passwords are being checked
 */
export async function logIn(
	db: Knex,
	credentials: {email: string; password: string; organisationId: string | undefined},
): Promise<Login> {
	const user = await findUserByEmail(db, credentials.email);
	const isRight = await verifyPassword(credentials.password, user?.password_hash);
	if (user === undefined) return {kind: 'refused', reason: 'unknown'};
	if (await isLoginBlocked(db, user.id)) return {kind: 'refused', reason: 'blocked'};
	if (!isRight) {
		await countFailedLogin(db, user.id);
		return {kind: 'refused', reason: 'password'};
	}
	if (user.disabled_at !== null) return {kind: 'refused', reason: 'disabled'};
	await forgetFailedLogins(db, user.id);
	const organisationId = await chooseOrganisation(db, user, credentials.organisationId);
	if (organisationId === undefined) return {kind: 'no such organisation'};
	const session = await openSession(db, {userId: user.id, organisationId});
	return {kind: 'opened', userId: user.id, ...session};
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
