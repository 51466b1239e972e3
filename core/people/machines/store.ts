import type {Knex} from 'knex';
import type {ServiceAccountRole} from '../../../contract/service-accounts.ts';
import type {By} from '../../actor.ts';
import {record, type AuditEvent} from '../../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../../db/position.ts';
import type {ServiceAccountRow} from '../../db/tables.ts';
import {countKeysLeft} from '../../keys/left.ts';
import {requireRoom} from '../../organisations/limits.ts';

/**
 * @param most service accounts that the organisation may have
 * @throws {LimitReached}
 */
export async function insertServiceAccount(
	db: Knex,
	by: By,
	organisationId: string,
	account: {name: string; role: ServiceAccountRole},
	most: number,
): Promise<ServiceAccountRow> {
	const {name, role} = account;
	return db.transaction(async (transaction) => {
		const existing = transaction('service_accounts')
			.where({organisation_id: organisationId})
			.select('id');
		await requireRoom(transaction, organisationId, existing, {limit: 'serviceAccounts', most});
		const [row] = await transaction('service_accounts')
			.insert({organisation_id: organisationId, name, role})
			.returning('*');
		if (row === undefined) throw new Error('insert of a service account returned no row');
		await record(transaction, by, {
			...eventOf(row),
			action: 'service_account.created',
			details: {role},
		});
		return row;
	});
}

/** Newest first. */
export async function listServiceAccounts(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<ServiceAccountRow[]> {
	const query = db('service_accounts').select('*').where({organisation_id: organisationId});
	sliceNewestFirst(query, slice);
	return (await query) as ServiceAccountRow[];
}

export async function findServiceAccount(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<ServiceAccountRow | undefined> {
	return await db('service_accounts').where({id, organisation_id: organisationId}).first();
}

/** Until the transaction ends nobody else changes it or its secrets. */
export async function lockServiceAccount(
	transaction: Knex.Transaction,
	organisationId: string,
	id: string,
): Promise<ServiceAccountRow | undefined> {
	return await transaction('service_accounts')
		.where({id, organisation_id: organisationId})
		.forUpdate()
		.first();
}

export type ServiceAccountChange = {
	name?: string | undefined;
	role?: ServiceAccountRole | undefined;
	disabled?: boolean | undefined;
};

/**
 * Changes the given members; what stays as it was leaves no entry.
 *
 * @returns the account as it is then, and how many live keys it made where it is disabled; undefined: no
 * such one
 */
export async function updateServiceAccount(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
	change: ServiceAccountChange,
): Promise<{account: ServiceAccountRow; keysLeft: number | undefined} | undefined> {
	return db.transaction(async (transaction) => {
		const before = await lockServiceAccount(transaction, organisationId, id);
		if (before === undefined) return undefined;
		const {name = before.name, role = before.role} = change;
		const wasDisabled = before.disabled_at !== null;
		const isDisabled = change.disabled ?? wasDisabled;
		const [row] = await transaction('service_accounts')
			.where({id, organisation_id: organisationId})
			.update({
				name,
				role,
				disabled_at: isDisabled ? transaction.raw('coalesce(disabled_at, now())') : null,
			})
			.returning('*');
		if (row === undefined) throw new Error('update of a service account returned no row');
		const keysLeft = change.disabled
			? await countKeysLeft(transaction, id, organisationId)
			: undefined;
		const event = eventOf(row);
		if (name !== before.name || role !== before.role) {
			const details = {
				...(name === before.name ? {} : {from_name: before.name, to_name: name}),
				...(role === before.role ? {} : {from_role: before.role, to_role: role}),
			};
			await record(transaction, by, {...event, action: 'service_account.updated', details});
		}
		if (isDisabled !== wasDisabled) {
			const action = isDisabled ? 'service_account.disabled' : 'service_account.enabled';
			const details = {keys_left: keysLeft};
			await record(transaction, by, {...event, action, details});
		}
		return {account: row, keysLeft};
	});
}

/**
 * Deletes a service account and its secrets.
 *
 * @returns how many live keys it made, which stay; undefined: no such one
 */
export async function deleteServiceAccount(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
): Promise<number | undefined> {
	return db.transaction(async (transaction) => {
		const [row] = await transaction('service_accounts')
			.where({id, organisation_id: organisationId})
			.delete()
			.returning('*');
		if (row === undefined) return undefined;
		const keysLeft = await countKeysLeft(transaction, id, organisationId);
		const details = {keys_left: keysLeft};
		await record(transaction, by, {...eventOf(row), action: 'service_account.deleted', details});
		return keysLeft;
	});
}

function eventOf(row: ServiceAccountRow): Pick<AuditEvent, 'organisationId' | 'target'> {
	return {
		organisationId: row.organisation_id,
		target: {type: 'service_account', id: row.id, name: row.name},
	};
}
