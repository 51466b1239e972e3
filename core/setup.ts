import type {Knex} from 'knex';
import type {OrganisationRow} from './db/tables.ts';
import type {By} from './actor.ts';
import {record} from './audit/trail/record.ts';
import {createOrganisation} from './organisations/store.ts';
import {passwordFault} from './people/passwords/password-policy.ts';
import {hashPassword} from './people/passwords/password.ts';
import {hasUsers, insertUser} from './people/store.ts';

/** Transaction-level advisory lock: of servers that start together, one makes the administrator. */
const setupLock = 7_355_608_212;
const firstOrganisation = 'default';

export type Setup =
	| {kind: 'made'; userId: string; email: string; organisation: OrganisationRow}
	/** There is somebody already: setup happens once. */
	| {kind: 'complete'}
	/** The password will not do; `fault` goes after the name of the field. */
	| {kind: 'bad password'; fault: string};

/** Makes the first administrator, an operator, and the organisation `default` on the Team plan. */
export async function setUp(
	db: Knex,
	by: By,
	administrator: {email: string; password: string},
): Promise<Setup> {
	if (await hasUsers(db)) return {kind: 'complete'};
	const {email, password} = administrator;
	const fault = await passwordFault(password, {email, organisations: [firstOrganisation]});
	if (fault !== undefined) return {kind: 'bad password', fault};
	const passwordHash = await hashPassword(password);
	return db.transaction(async (transaction) => {
		await transaction.raw('select pg_advisory_xact_lock(?::bigint)', [setupLock]);
		if (await hasUsers(transaction)) return {kind: 'complete'};
		const user = await insertUser(transaction, {
			email,
			passwordHash,
			isOperator: true,
			origin: 'setup',
		});
		await record(transaction, by, {
			action: 'setup.completed',
			target: {type: 'user', id: user.id, name: user.email},
		});
		const organisation = await createOrganisation(transaction, by, {
			name: firstOrganisation,
			plan: 'team',
			ownerId: user.id,
		});
		return {kind: 'made', userId: user.id, email: user.email, organisation};
	});
}
