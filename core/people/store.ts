import type {Knex} from 'knex';
import type {Role} from '../../contract/people.ts';
import type {OrganisationRow, UserRow} from '../db/tables.ts';

export async function findUserByEmail(db: Knex, email: string): Promise<UserRow | undefined> {
	return await db('users').whereRaw('lower(email) = lower(?)', [email]).first();
}

export async function insertUser(
	db: Knex,
	user: {email: string; passwordHash: string; isOperator: boolean},
): Promise<{id: string; email: string}> {
	const [row] = await db('users')
		.insert({email: user.email, password_hash: user.passwordHash, is_operator: user.isOperator})
		.returning(['id', 'email']);
	if (row === undefined) throw new Error('insert of a user returned no row');
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

/**
 * Counts a failed login and, from the fifth on, blocks the account for a time that doubles from
 * 1 s to 15 min. In PostgreSQL, so that restarting Redis does not forgive an attacker.
 */
export async function countFailedLogin(db: Knex, userId: string): Promise<void> {
	await db.raw(
		`update users set
			failed_logins = failed_logins + 1,
			login_blocked_until = case when failed_logins + 1 >= 5
				then now() + least(power(2, least(failed_logins - 4, 20)), 900) * interval '1 second' end
		where id = ?`,
		[userId],
	);
}

export async function forgetFailedLogins(db: Knex, userId: string): Promise<void> {
	await db('users')
		.where({id: userId})
		.where('failed_logins', '>', 0)
		.update({failed_logins: 0, login_blocked_until: null});
}

/** Whether an account waits after failed logins, by the clock of PostgreSQL. */
export async function isLoginBlocked(db: Knex, userId: string): Promise<boolean> {
	const row = await db('users')
		.where({id: userId})
		.whereRaw('login_blocked_until > now()')
		.select('id')
		.first();
	return row !== undefined;
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
