import type {Knex} from 'knex';
import type {Role} from '../../contract/people.ts';
import type {UserOrigin} from '../../contract/users.ts';
import type {OrganisationRow, UserRow} from '../db/tables.ts';

export async function findUserByEmail(db: Knex, email: string): Promise<UserRow | undefined> {
	return await db('users').whereRaw('lower(email) = lower(?)', [email]).first();
}

type NewUser = {
	email: string;
	passwordHash: string | null;
	isOperator: boolean;
	origin: UserOrigin;
};

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
		.insert({
			email: user.email,
			password_hash: user.passwordHash,
			is_operator: user.isOperator,
			origin: user.origin,
			// Who invites has the code, too.
			confirmed_at: user.origin === 'invitation' ? null : (db.fn.now() as unknown as Date),
		})
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

/** The role of a user in an organisation that exists; undefined: not a member. */
export async function findRole(
	db: Knex,
	organisationId: string,
	userId: string,
): Promise<Role | undefined> {
	const row = await db('memberships')
		.where({organisation_id: organisationId, user_id: userId})
		.select('role')
		.first();
	return row?.role;
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
