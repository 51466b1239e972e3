import type {Knex} from 'knex';
import {email as emailAddress} from '../../contract/people.ts';
import type {By} from '../audit/actor.ts';
import {record} from '../audit/record.ts';
import type {UserRow} from '../db/tables.ts';
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
	by: By,
	credentials: {email: string; password: string; organisationId: string | undefined},
): Promise<Login> {
	const user = await findUserByEmail(db, credentials.email);
	const isRight = await verifyPassword(credentials.password, user?.password_hash);
	const reason = await whyRefused(db, user, isRight);
	if (user === undefined || reason !== undefined) {
		await recordRefusal(db, by, {email: credentials.email, userId: user?.id, reason});
		return {kind: 'refused', reason: reason ?? 'unknown'};
	}
	await forgetFailedLogins(db, user.id);
	const organisationId = await chooseOrganisation(db, user, credentials.organisationId);
	if (organisationId === undefined) return {kind: 'no such organisation'};
	const {id: userId, email} = user;
	const session = await openSession(db, by, {userId, email, organisationId});
	return {kind: 'opened', userId, ...session};
}

type Refusal = (Login & {kind: 'refused'})['reason'];

async function whyRefused(
	db: Knex,
	user: UserRow | undefined,
	isRight: boolean,
): Promise<Refusal | undefined> {
	if (user === undefined) return 'unknown';
	if (await isLoginBlocked(db, user.id)) return 'blocked';
	if (!isRight) {
		await countFailedLogin(db, user.id);
		return 'password';
	}
	return user.disabled_at === null ? undefined : 'disabled';
}

/** What was typed where an email belongs is kept only if it is one: it may be a password. */
async function recordRefusal(
	db: Knex,
	by: By,
	refusal: {email: string; userId: string | undefined; reason: Refusal | undefined},
): Promise<void> {
	const {userId, reason} = refusal;
	const name = emailAddress.safeParse(refusal.email).success ? refusal.email : undefined;
	await db.transaction((transaction) =>
		record(transaction, by, {
			action: 'user.login_failed',
			outcome: 'refused',
			target: {type: 'user', id: userId, name},
			details: {reason},
		}),
	);
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
