import type {Knex} from 'knex';
import type {Plan} from '../../contract/organisations.ts';
import type {OrganisationRow} from '../db/tables.ts';
import {insertMembership} from '../people/store.ts';

export async function insertOrganisation(
	db: Knex,
	organisation: {name: string; plan: Plan},
): Promise<OrganisationRow> {
	const [row] = await db('organisations').insert(organisation).returning('*');
	if (row === undefined) throw new Error('insert of an organisation returned no row');
	return row;
}

/** Creates an organisation with its first owner, both or neither. */
export async function createOrganisation(
	db: Knex,
	organisation: {name: string; plan: Plan; ownerId: string},
): Promise<OrganisationRow> {
	return db.transaction(async (transaction) => {
		const row = await insertOrganisation(transaction, {
			name: organisation.name,
			plan: organisation.plan,
		});
		await insertMembership(transaction, {
			organisationId: row.id,
			userId: organisation.ownerId,
			role: 'owner',
		});
		return row;
	});
}

export async function findOrganisation(db: Knex, id: string): Promise<OrganisationRow | undefined> {
	return await db('organisations').where({id}).first();
}

/** Those of a user, or with `'everybody'` (for operators) all of them; oldest first. */
export async function listOrganisations(
	db: Knex,
	of: {userId: string} | 'everybody',
): Promise<OrganisationRow[]> {
	const query = db('organisations as o')
		.select('o.*')
		.orderBy([{column: 'o.created_at'}, {column: 'o.id'}]);
	if (of !== 'everybody') {
		query.join('memberships as m', 'm.organisation_id', 'o.id').where('m.user_id', of.userId);
	}
	return (await query) as OrganisationRow[];
}

export async function updateOrganisation(
	db: Knex,
	id: string,
	change: {name?: string | undefined; plan?: Plan | undefined},
): Promise<OrganisationRow | undefined> {
	const values = {
		...(change.name === undefined ? {} : {name: change.name}),
		...(change.plan === undefined ? {} : {plan: change.plan}),
	};
	if (Object.keys(values).length === 0) return findOrganisation(db, id);
	const [row] = await db('organisations').where({id}).update(values).returning('*');
	return row;
}
