import type {Knex} from 'knex';
import type {Role} from '../../../contract/people.ts';
import {mayGive} from '../../../contract/permissions.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../../db/position.ts';
import {countKeysLeft} from '../../keys/left.ts';
import {lockOrganisation} from '../../organisations/lock.ts';
import type {UserCaller} from '../caller.ts';
import {actingRoleOf} from '../standing.ts';
import {lockPeople} from '../lock.ts';
import {markEnded} from '../sessions.ts';

/** `id` is the user's. */
export type MemberRow = {id: string; email: string; role: Role; created_at: Date};

/** Members of an organisation, newest first. */
export async function listMembers(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<MemberRow[]> {
	const query = db.select('*').from(membersOf(db, organisationId).as('members'));
	sliceNewestFirst(query, slice);
	return (await query) as MemberRow[];
}

/** Why a change of the members was not made. */
export type MemberRefusal =
	| {kind: 'no such member'}
	/** The caller may not give or take that role. */
	| {kind: 'not allowed'}
	/** The organisation would be left without an owner. */
	| {kind: 'last owner'};

export async function changeRole(
	db: Knex,
	by: By,
	caller: UserCaller,
	member: {organisationId: string; userId: string; role: Role},
): Promise<{kind: 'changed'; member: MemberRow} | MemberRefusal> {
	const {organisationId, userId, role} = member;
	return db.transaction(async (transaction) => {
		await lockMembers(transaction, organisationId);
		await lockPeople(transaction, by, [userId]);
		const before = await findMember(transaction, organisationId, userId);
		if (before === undefined) return {kind: 'no such member'};
		const ownRole = await actingRoleOf(transaction, caller, organisationId);
		if (ownRole === undefined || !mayGive(ownRole, before.role) || !mayGive(ownRole, role)) {
			return {kind: 'not allowed'};
		}
		if (role === before.role) return {kind: 'changed', member: before};
		if (await isLastOwner(transaction, organisationId, before)) return {kind: 'last owner'};
		await transaction('memberships')
			.where({organisation_id: organisationId, user_id: userId})
			.update({role});
		await record(transaction, by, {
			action: 'member.role_changed',
			organisationId,
			target: {type: 'user', id: userId, name: before.email},
			details: {from: before.role, to: role},
		});
		return {kind: 'changed', member: {...before, role}};
	});
}

/**
 * Removes a member, whose sessions in the organisation end; anybody may remove themselves. The keys they
 * made there stay, and are counted.
 */
export async function removeMember(
	db: Knex,
	by: By,
	caller: UserCaller,
	member: {organisationId: string; userId: string},
): Promise<{kind: 'removed'; keysLeft: number} | MemberRefusal> {
	const {organisationId, userId} = member;
	return db.transaction(async (transaction) => {
		await lockMembers(transaction, organisationId);
		await lockPeople(transaction, by, [userId]);
		const before = await findMember(transaction, organisationId, userId);
		const ownRole = await actingRoleOf(transaction, caller, organisationId);
		const isSelf = caller.userId === userId;
		if (!isSelf && (ownRole === undefined || !mayGive(ownRole, before?.role ?? 'viewer'))) {
			return {kind: 'not allowed'};
		}
		if (before === undefined) return {kind: 'no such member'};
		if (await isLastOwner(transaction, organisationId, before)) return {kind: 'last owner'};
		const membership = {organisation_id: organisationId, user_id: userId};
		await transaction('memberships').where(membership).delete();
		const sessions = await markEnded(transaction, membership, 'member removed');
		const keysLeft = await countKeysLeft(transaction, userId, organisationId);
		await record(transaction, by, {
			action: 'member.removed',
			organisationId,
			target: {type: 'user', id: userId, name: before.email},
			details: {role: before.role, sessions, keys_left: keysLeft},
		});
		return {kind: 'removed', keysLeft};
	});
}

/**
 * Changes of the members of an organisation wait for each other: of two that each would leave the
 * other's owner the last one, the second sees what the first did.
 */
export async function lockMembers(
	transaction: Knex.Transaction,
	organisationId: string,
): Promise<void> {
	await lockOrganisation(transaction, organisationId);
}

async function isLastOwner(
	transaction: Knex.Transaction,
	organisationId: string,
	member: MemberRow,
): Promise<boolean> {
	if (member.role !== 'owner') return false;
	const owners = await transaction('memberships')
		.where({organisation_id: organisationId, role: 'owner'})
		.limit(2)
		.pluck('user_id');
	return owners.length === 1;
}

async function findMember(
	db: Knex,
	organisationId: string,
	userId: string,
): Promise<MemberRow | undefined> {
	const row: unknown = await membersOf(db, organisationId).where('u.id', userId).first();
	return row as MemberRow | undefined;
}

function membersOf(db: Knex, organisationId: string) {
	return (
		db('memberships as m')
			.join('users as u', 'u.id', 'm.user_id')
			.where('m.organisation_id', organisationId)
			// The index of memberships has the order of the list.
			.select('m.user_id as id', 'u.email', 'm.role', 'm.created_at')
	);
}
