import type {Knex} from 'knex';
import type {OrganisationRow} from '../db/tables.ts';
import type {By} from '../audit/actor.ts';
import {record} from '../audit/record.ts';
import {createOrganisation} from '../organisations/store.ts';
import {hashPassword} from './password.ts';
import {hasUsers, insertUser} from './store.ts';

/** Transaction-level advisory lock: of servers that start together, one makes the administrator. */
const setupLock = 7_355_608_212;

/**
 * Makes the first administrator, an operator, and the organisation `default` on the Team plan.
 *
 * @returns undefined when there is somebody already: setup happens once
 */
export async function setUp(
	db: Knex,
	by: By,
	administrator: {email: string; password: string},
): Promise<{userId: string; email: string; organisation: OrganisationRow} | undefined> {
	if (await hasUsers(db)) return undefined;
	const passwordHash = await hashPassword(administrator.password);
	return db.transaction(async (transaction) => {
		await transaction.raw('select pg_advisory_xact_lock(?::bigint)', [setupLock]);
		if (await hasUsers(transaction)) return undefined;
		const user = await insertUser(transaction, {
			email: administrator.email,
			passwordHash,
			isOperator: true,
		});
		await record(transaction, by, {
			action: 'setup.completed',
			target: {type: 'user', id: user.id, name: user.email},
		});
		const organisation = await createOrganisation(transaction, by, {
			name: 'default',
			plan: 'team',
			ownerId: user.id,
		});
		return {userId: user.id, email: user.email, organisation};
	});
}
