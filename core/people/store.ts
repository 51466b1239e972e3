import type {Knex} from 'knex';
import type {Role} from '../../contract/people.ts';
import type {OrganisationRow, UserRow} from '../db/tables.ts';

export async function findUserByEmail(db: Knex, email: string): Promise<UserRow | undefined> {
	return await db('users').whereRaw('lower(email) = lower(?)', [email]).first();
}

type NewUser = {email: string; passwordHash: string | null; isOperator: boolean};

/** @throws when the email is somebody's already */
export async function insertUser(db: Knex, user: NewUser): Promise<{id: string; email: string}> {
	const row = await insertUserIfNew(db, user);
	if (row === undefined) throw new Error('there is a user with this email already');
	return row;
}

/** @returns undefined when the email is somebody's already */
export async function insertUserIfNew(
	db: Knex,
	user: NewUser,
): Promise<{id: string; email: string} | undefined> {
	const [row] = await db('users')
		.insert({email: user.email, password_hash: user.passwordHash, is_operator: user.isOperator})
		.onConflict(db.raw('(lower(email))'))
		.ignore()
		.returning(['id', 'email']);
	return row;
}

export async function insertMembership(
	db: Knex,
	membership: {organisationId: string; userId: string; role: Role},
): Promise<void> {
	await db('memberships').insert({
		organisation_id: membership.organisationId,
		user_id: membership.userId,
		role: membership.role,
	});
}

/** Whether anybody can log in. */
export async function hasUsers(db: Knex): Promise<boolean> {
	return (await db('users').select('id').first()) !== undefined;
}

/** Names of the organisations of a user: what their password must not hold. */
export async function organisationNamesOf(db: Knex, userId: string): Promise<string[]> {
	return await db('organisations as o')
		.join('memberships as m', 'm.organisation_id', 'o.id')
		.where('m.user_id', userId)
		.pluck('o.name');
}

export async function firstOrganisationOf(
	db: Knex,
	userId: string,
): Promise<OrganisationRow | undefined> {
	return await db('organisations as o')
		.join('memberships as m', 'm.organisation_id', 'o.id')
		.where('m.user_id', userId)
		.orderBy([{column: 'm.created_at'}, {column: 'o.id'}])
		.select('o.*')
		.first();
}
