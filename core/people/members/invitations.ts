import type {Knex} from 'knex';
import {codePrefixes, type Role} from '../../../contract/people.ts';
import {mayGive, permissions, type ActingRole} from '../../../contract/permissions.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../../db/position.ts';
import type {InvitationRow} from '../../db/tables.ts';
import {requireRoom} from '../../organisations/limits.ts';
import {lockMembers} from './members.ts';
import {hashOpaqueToken, newOpaqueToken} from '../tokens/opaque-token.ts';

const lifetime = '7 days';

export type ListedInvitation = Pick<
	InvitationRow,
	'id' | 'email' | 'role' | 'created_at' | 'expires_at'
>;

export type Invited =
	| {kind: 'invited'; row: ListedInvitation; code: string}
	| {kind: 'member already'}
	/** It would replace one with a role that the inviter may not take back. */
	| {kind: 'not allowed'}
	/** What an identity provider says of the inviter's rights ends with their token. */
	| {kind: 'no lasting rights'};

/**
 * Invites an email to an organisation, in place of what it was invited to there before. Whether there
 * is a user with it makes no difference.
 *
 * @returns with the code, shown once
 * @throws {LimitReached}
 */
export async function invite(
	db: Knex,
	by: By,
	ownRole: ActingRole,
	invitation: {
		organisationId: string;
		email: string;
		role: Role;
		inviterId: string;
		/** Open invitations that the organisation may have. */
		most: number;
	},
): Promise<Invited> {
	const {organisationId, email, role, inviterId, most} = invitation;
	const code = newOpaqueToken(codePrefixes.invitation);
	return db.transaction(async (transaction) => {
		// Of two at once the later one counts, and neither passes an acceptance.
		await lockMembers(transaction, organisationId);
		if (await isMember(transaction, organisationId, email)) return {kind: 'member already'};
		const earlier = await lockInvitationsOf(transaction, organisationId, email);
		if (!earlier.every((each) => mayGive(ownRole, each.role))) return {kind: 'not allowed'};
		const open = openInvitations(transaction).where('i.organisation_id', organisationId);
		const ofEmail = open.clone().whereRaw('lower(i.email) = lower(?)', [email]);
		// One that is replaced makes room for its successor; one that fell had none.
		if ((await ofEmail.first('i.id')) === undefined) {
			const limit = {limit: 'invitations', most} as const;
			await requireRoom(transaction, organisationId, open.select('i.id'), limit);
		}
		const [row] = await transaction('invitations')
			.insert({
				organisation_id: organisationId,
				email,
				role,
				hash: hashOpaqueToken(code),
				created_by: inviterId,
				expires_at: transaction.raw('now() + ?::interval', [lifetime]) as unknown as Date,
			})
			.returning(['id', 'email', 'role', 'created_at', 'expires_at']);
		if (row === undefined) throw new Error('insert of an invitation returned no row');
		const {id} = row;
		if ((await openInvitations(transaction).where('i.id', id).first('i.id')) === undefined) {
			await transaction('invitations').where({id}).delete();
			return {kind: 'no lasting rights'};
		}
		for (const replaced of earlier) {
			// One by one: a chain has an order.
			await takeBack(transaction, by, organisationId, {...replaced, replacedBy: id});
		}
		await record(transaction, by, {
			action: 'invitation.created',
			organisationId,
			target: {type: 'invitation', id: row.id, name: email},
			details: {role, expires_at: row.expires_at.toISOString()},
		});
		return {kind: 'invited', row, code};
	});
}

/** Those that can still be accepted, newest first. */
export async function listInvitations(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<ListedInvitation[]> {
	const open = openInvitations(db).where('i.organisation_id', organisationId).select('i.*');
	const query = db
		.select('id', 'email', 'role', 'created_at', 'expires_at')
		.from(open.as('invitations'));
	sliceNewestFirst(query, slice);
	return (await query) as ListedInvitation[];
}

/** Takes an invitation back; its code is worth nothing from then on. */
export async function withdrawInvitation(
	db: Knex,
	by: By,
	ownRole: ActingRole,
	{organisationId, id}: {organisationId: string; id: string},
): Promise<'withdrawn' | 'not allowed' | 'no such invitation'> {
	return db.transaction(async (transaction) => {
		const found: unknown = await openInvitations(transaction)
			.where({'i.organisation_id': organisationId, 'i.id': id})
			.forUpdate('i')
			.first('i.email', 'i.role');
		if (found === undefined) return 'no such invitation';
		const {email, role} = found as Pick<InvitationRow, 'email' | 'role'>;
		if (!mayGive(ownRole, role)) return 'not allowed';
		await takeBack(transaction, by, organisationId, {id, email, role});
		return 'withdrawn';
	});
}

async function takeBack(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	invitation: Pick<InvitationRow, 'id' | 'email' | 'role'> & {replacedBy?: string},
): Promise<void> {
	const {id, email, role, replacedBy} = invitation;
	await transaction('invitations').where({id}).delete();
	await record(transaction, by, {
		action: 'invitation.withdrawn',
		organisationId,
		target: {type: 'invitation', id, name: email},
		details: {role, replaced_by: replacedBy},
	});
}

/** What an email is invited to in an organisation, oldest first; nobody uses it up meanwhile. */
async function lockInvitationsOf(
	transaction: Knex.Transaction,
	organisationId: string,
	email: string,
): Promise<Pick<InvitationRow, 'id' | 'email' | 'role'>[]> {
	// Also those that fell with the rights of who made them: with these they would come back.
	return await transaction('invitations')
		.where({organisation_id: organisationId})
		.whereRaw('lower(email) = lower(?) and expires_at > now()', [email])
		.orderBy(['created_at', 'id'])
		.forUpdate()
		.select('id', 'email', 'role');
}

export type OpenInvitation = Pick<
	InvitationRow,
	'id' | 'organisation_id' | 'email' | 'role' | 'created_by'
> & {organisation_name: string};

/** The invitation of a code, if it can still be accepted. */
export async function findInvitation(db: Knex, code: string): Promise<OpenInvitation | undefined> {
	const row: unknown = await openInvitations(db)
		.join('organisations as o', 'o.id', 'i.organisation_id')
		.where('i.hash', hashOpaqueToken(code))
		.first(
			'i.id',
			'i.organisation_id',
			'i.email',
			'i.role',
			'i.created_by',
			'o.name as organisation_name',
		);
	return row as OpenInvitation | undefined;
}

/**
 * Invitations hold as long as whoever made them may still give that role: nobody who is removed
 * comes back by an invitation of their own.
 */
function openInvitations(db: Knex): Knex.QueryBuilder {
	return db('invitations as i')
		.join('users as inviter', 'inviter.id', 'i.created_by')
		.leftJoin('memberships as m', (join) =>
			join.on('m.user_id', 'i.created_by').andOn('m.organisation_id', 'i.organisation_id'),
		)
		.whereRaw('i.expires_at > now()')
		.whereNull('inviter.disabled_at')
		.whereRaw(
			`(inviter.is_operator
				or m.role = any(case when i.role = 'owner' then ?::text[] else ?::text[] end))`,
			[[...permissions['owners:manage']], [...permissions['members:manage']]],
		);
}

async function isMember(db: Knex, organisationId: string, email: string): Promise<boolean> {
	const row = await db('memberships as m')
		.join('users as u', 'u.id', 'm.user_id')
		.where('m.organisation_id', organisationId)
		.whereRaw('lower(u.email) = lower(?)', [email])
		.first('u.id');
	return row !== undefined;
}
