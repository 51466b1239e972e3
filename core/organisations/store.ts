import type {Knex} from 'knex';
import {plans, type Plan} from '../../contract/organisations.ts';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {Slice} from '../db/position.ts';
import type {OrganisationRow} from '../db/tables.ts';
import type {Caller} from '../people/caller.ts';
import {insertMembership} from '../people/store.ts';

/** Creates an organisation with its first owner, both or neither. */
export async function createOrganisation(
	db: Knex,
	by: By,
	organisation: {name: string; plan: Plan; ownerId: string},
): Promise<OrganisationRow> {
	const {name, plan, ownerId} = organisation;
	return db.transaction(async (transaction) => {
		const [row] = await transaction('organisations').insert({name, plan}).returning('*');
		if (row === undefined) throw new Error('insert of an organisation returned no row');
		await insertMembership(transaction, {organisationId: row.id, userId: ownerId, role: 'owner'});
		await record(transaction, by, {
			action: 'organization.created',
			organisationId: row.id,
			target: targetOf(row),
			details: {plan, owner_id: ownerId},
		});
		return row;
	});
}

export async function findOrganisation(db: Knex, id: string): Promise<OrganisationRow | undefined> {
	return await db('organisations').where({id}).first();
}

/** As `findOrganisation`, and its plan stays until the transaction ends. */
export async function holdOrganisation(
	transaction: Knex.Transaction,
	id: string,
): Promise<OrganisationRow | undefined> {
	return await transaction('organisations').where({id}).forKeyShare().first();
}

/** Those a caller may see: all of them for an operator; oldest first. */
export async function listOrganisations(
	db: Knex,
	caller: Caller,
	{limit, position}: Slice,
): Promise<OrganisationRow[]> {
	const query = db('organisations as o')
		.select('o.*')
		.orderBy([{column: 'o.created_at'}, {column: 'o.id'}])
		.limit(limit);
	if (position !== undefined) {
		query.whereRaw('(o.created_at, o.id) > (?::timestamptz, ?::uuid)', [
			position.createdAt,
			position.id,
		]);
	}
	if (caller.kind === 'service_account') {
		query.where('o.id', caller.organisationId);
	} else if (!caller.isOperator && caller.roles !== undefined) {
		query.whereIn('o.id', Object.keys(caller.roles));
	} else if (!caller.isOperator) {
		query.join('memberships as m', 'm.organisation_id', 'o.id').where('m.user_id', caller.userId);
	}
	return (await query) as OrganisationRow[];
}

/** Changes the given members; what stays as it was leaves no entry. */
export async function updateOrganisation(
	transaction: Knex.Transaction,
	by: By,
	id: string,
	change: {name?: string | undefined; plan?: Plan | undefined},
): Promise<OrganisationRow | undefined> {
	const own = transaction('organisations').where({id});
	// A name gives no right: only a plan waits for the changes that rest on it, see `holdOrganisation`.
	const locked = change.plan === undefined ? own.forNoKeyUpdate() : own.forUpdate();
	const before = await locked.first();
	if (before === undefined) return undefined;
	const {name = before.name, plan = before.plan} = change;
	const [row] = await transaction('organisations').where({id}).update({name, plan}).returning('*');
	if (row === undefined) throw new Error('update of an organisation returned no row');
	const entry = {organisationId: id, target: targetOf(row)};
	if (name !== before.name) {
		const details = {from: before.name, to: name};
		await record(transaction, by, {...entry, action: 'organization.updated', details});
	}
	if (plan !== before.plan) {
		const isUpgrade = plans.indexOf(plan) > plans.indexOf(before.plan);
		const action = isUpgrade ? 'plan.upgraded' : 'plan.downgraded';
		await record(transaction, by, {
			...entry,
			action,
			details: {from: before.plan, to: plan},
			event: {organization: {id, name, plan}, previous: {plan: before.plan}},
		});
	}
	return row;
}

function targetOf(row: OrganisationRow) {
	return {type: 'organization', id: row.id, name: row.name} as const;
}
