import type {Knex} from 'knex';
import type {RateLimit} from '../../contract/rate-limits.ts';
import type {By} from '../actor.ts';
import type {SharedLimitsRow} from '../db/key-tables.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import {requireRoom} from '../organisations/limits.ts';
import {lockOrganisation} from '../organisations/lock.ts';
import {requireTermsVersion, versionsOfState} from '../verification/terms-version.ts';
import {recordSharedLimits} from './entry.ts';
import {
	definitionsOf,
	limitMembers,
	type SharedDefinitions,
	type SharedLimitsPlace,
} from './place.ts';

/** Newest first. */
export async function listSharedLimits(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<SharedLimitsRow[]> {
	const query = db('shared_limits').where({organisation_id: organisationId}).select('*');
	sliceNewestFirst(query, slice);
	return query;
}

export async function findSharedLimits(
	db: Knex,
	place: SharedLimitsPlace,
): Promise<SharedLimitsRow | undefined> {
	return at(db, place).first('*');
}

export type ChangedSharedLimits = {kind: 'changed' | 'unchanged'; row: SharedLimitsRow};

/**
 * Replaces what the keys of a place share.
 *
 * @param most places of the organisation that may have limits
 * @throws {UpgradeInProgress | LimitReached}
 */
export async function replaceSharedLimits(
	transaction: Knex.Transaction,
	by: By,
	place: SharedLimitsPlace,
	wanted: SharedDefinitions,
	most: number,
): Promise<ChangedSharedLimits> {
	await requireTermsVersion(transaction, versionsOfState.shared_limits);
	const before = await lockSharedLimits(transaction, place);
	const changed = changesOf(before === undefined ? nothing : definitionsOf(before), wanted);
	if (before !== undefined && changed.length === 0) return {kind: 'unchanged', row: before};
	const row =
		before === undefined
			? await insert(transaction, place, wanted, most)
			: await update(transaction, place, wanted);
	await recordSharedLimits(transaction, by, row, {
		before: before === undefined ? nothing : definitionsOf(before),
		now: wanted,
		changed,
	});
	return {kind: 'changed', row};
}

/**
 * Takes away what the keys of a place share.
 *
 * @returns whether there was anything
 */
export async function deleteSharedLimits(
	transaction: Knex.Transaction,
	by: By,
	place: SharedLimitsPlace,
): Promise<boolean> {
	const row = await lockSharedLimits(transaction, place);
	if (row === undefined) return false;
	await at(transaction, place).delete();
	const before = definitionsOf(row);
	const changed = changesOf(before, nothing);
	await recordSharedLimits(transaction, by, row, {before, now: nothing, changed, isDeleted: true});
	return true;
}

const nothing: SharedDefinitions = {rate_limits: [], quota: null};

function changesOf(before: SharedDefinitions, now: SharedDefinitions) {
	return limitMembers.filter(
		(member) => JSON.stringify(before[member]) !== JSON.stringify(now[member]),
	);
}

/** As they stay until the transaction ends; where there are none, none are made meanwhile. */
async function lockSharedLimits(
	transaction: Knex.Transaction,
	place: SharedLimitsPlace,
): Promise<SharedLimitsRow | undefined> {
	await lockOrganisation(transaction, place.organisationId);
	return at(transaction, place).forUpdate().first('*');
}

async function insert(
	transaction: Knex.Transaction,
	{organisationId, owner}: SharedLimitsPlace,
	wanted: SharedDefinitions,
	most: number,
): Promise<SharedLimitsRow> {
	const existing = transaction('shared_limits')
		.where({organisation_id: organisationId})
		.select('id');
	await requireRoom(transaction, organisationId, existing, {limit: 'sharedLimits', most});
	const [row] = await transaction('shared_limits')
		.insert({
			organisation_id: organisationId,
			owner_type: owner?.type ?? null,
			owner_id: owner?.id ?? null,
			...columnsOf(wanted),
		})
		.returning('*');
	if (row === undefined) throw new Error('shared limits were not inserted');
	return row;
}

async function update(
	transaction: Knex.Transaction,
	place: SharedLimitsPlace,
	wanted: SharedDefinitions,
): Promise<SharedLimitsRow> {
	const [row] = await at(transaction, place)
		.update({
			...columnsOf(wanted),
			version: transaction.raw('version + 1'),
			updated_at: transaction.raw('now()'),
		})
		.returning('*');
	if (row === undefined) throw new Error('shared limits that are locked have gone');
	return row;
}

function at(db: Knex, {organisationId, owner}: SharedLimitsPlace) {
	return db('shared_limits').where({
		organisation_id: organisationId,
		owner_type: owner?.type ?? null,
		owner_id: owner?.id ?? null,
	});
}

/** The driver takes a list for an array of PostgreSQL, and this one is kept as JSON. */
function columnsOf({rate_limits: limits, quota}: SharedDefinitions) {
	return {rate_limits: JSON.stringify(limits) as unknown as RateLimit[], quota};
}
