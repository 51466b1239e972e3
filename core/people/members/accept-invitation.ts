import type {Knex} from 'knex';
import type {Actor, By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {requireRoom} from '../../organisations/limits.ts';
import {findInvitation, type OpenInvitation} from './invitations.ts';
import {holdPerson} from '../lock.ts';
import {lockMembers} from './members.ts';
import {tryPassword, type PasswordRefusal} from '../passwords/password-attempt.ts';
import {passwordFault} from '../passwords/password-policy.ts';
import {hashPassword, verifyPassword} from '../passwords/password.ts';
import {openSession} from '../sessions.ts';
import {findRole, findUserByEmail, insertMembership, insertUserIfNew} from '../store.ts';

export type Acceptance =
	| {kind: 'opened'; userId: string; sessionId: string; refreshToken: string}
	/** Wrong, used already, run out or withdrawn. */
	| {kind: 'bad code'}
	/** There is a user with that email, and this is not their password. */
	| {kind: 'refused'; reason: PasswordRefusal}
	| {kind: 'bad password'; fault: string}
	| {kind: 'already member'};

type Accepting = {
	code: string;
	password: string;
	userAgent: string | undefined;
	/** Members that the organisation may have. */
	mostMembers: number;
};

/**
 * Makes whoever has the code a member, and logs them in. A user with that email must give their
 * password, which counts like a login; for a new email a user is made with it.
 *
 * The inviter has the code, too, and must not learn from it who exists: a password that would not
 * do for a new user gets the same answer, after the same work, where there is one.
 *
 * @throws {PasswordQueueFull} when too many passwords are being checked
 * @throws {LimitReached} the organisation has all the members it may have; the code stays good
 */
export async function acceptInvitation(
	db: Knex,
	by: By,
	accepting: Accepting,
): Promise<Acceptance> {
	const {code, password} = accepting;
	const invitation = await findInvitation(db, code);
	if (invitation === undefined) return {kind: 'bad code'};
	const {email, organisation_name: name} = invitation;
	const fault = await passwordFault(password, {email, organisations: [name]});
	if ((await findUserByEmail(db, email)) === undefined) {
		if (fault === undefined) return asNewUser(db, by, invitation, accepting);
		await verifyPassword(password, undefined);
		return {kind: 'bad password', fault};
	}
	const accepted = await tryPassword<Acceptance>(
		db,
		by,
		{email, password},
		async (transaction, user) => {
			const {organisation_id: organisationId} = invitation;
			const isMember = (await findRole(transaction, organisationId, user.id)) !== undefined;
			if (isMember) return {kind: 'already member'};
			if (!(await claim(transaction, invitation, code))) return {kind: 'bad code'};
			return join(transaction, by, invitation, user, accepting);
		},
	);
	return accepted.kind === 'refused' && fault !== undefined
		? {kind: 'bad password', fault}
		: accepted;
}

async function asNewUser(
	db: Knex,
	by: By,
	invitation: OpenInvitation,
	accepting: Accepting,
): Promise<Acceptance> {
	const passwordHash = await hashPassword(accepting.password);
	return db.transaction(async (transaction) => {
		if (!(await claim(transaction, invitation, accepting.code))) return {kind: 'bad code'};
		const {email} = invitation;
		const user = await insertUserIfNew(transaction, {
			email,
			passwordHash,
			isOperator: false,
			origin: 'invitation',
		});
		// Made at this very moment by another way: then it is that user's password that counts.
		if (user === undefined) throw new Error('the invited user was made meanwhile');
		await record(transaction, by, {
			action: 'user.created',
			target: {type: 'user', id: user.id, name: email},
			details: {operator: false, invitation_id: invitation.id},
		});
		return join(transaction, by, invitation, user, accepting);
	});
}

/** Uses an invitation up, if it still holds now that nobody else changes the members. */
async function claim(
	transaction: Knex.Transaction,
	{id, organisation_id: organisationId, created_by: inviterId}: OpenInvitation,
	code: string,
): Promise<boolean> {
	await lockMembers(transaction, organisationId);
	// It holds as long as who made it may give the role.
	await holdPerson(transaction, inviterId);
	if ((await findInvitation(transaction, code)) === undefined) return false;
	return (await transaction('invitations').where({id}).delete()) === 1;
}

async function join(
	transaction: Knex.Transaction,
	by: By,
	invitation: OpenInvitation,
	user: {id: string; email: string},
	{userAgent, mostMembers: most}: Accepting,
): Promise<Acceptance> {
	const {id, organisation_id: organisationId, role} = invitation;
	const {id: userId, email} = user;
	const members = transaction('memberships')
		.where({organisation_id: organisationId})
		.select('user_id');
	await requireRoom(transaction, organisationId, members, {limit: 'members', most});
	await insertMembership(transaction, {organisationId, userId, role});
	const session = await openSession(transaction, by, {userId, email, organisationId, userAgent});
	const actor: Actor = {type: 'user', id: userId, name: email, sessionId: session.sessionId};
	await record(
		transaction,
		{...by, actor},
		{
			action: 'member.added',
			organisationId,
			target: {type: 'user', id: userId, name: email},
			details: {role, invitation_id: id, invited_by: invitation.created_by},
		},
	);
	return {kind: 'opened', userId, ...session};
}
