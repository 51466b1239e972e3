import type {Knex} from 'knex';
import type {By} from '../audit/actor.ts';
import {record, type AuditEvent} from '../audit/record.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {SourceRow} from '../db/tables.ts';

export async function insertSource(
	db: Knex,
	by: By,
	organisationId: string,
	source: {name: string; type: string},
): Promise<SourceRow> {
	return db.transaction(async (transaction) => {
		const [row] = await transaction('sources')
			.insert({organisation_id: organisationId, name: source.name, type: source.type})
			.returning('*');
		if (row === undefined) throw new Error('insert of a source returned no row');
		await record(transaction, by, changeOf('source.created', row));
		return row;
	});
}

/** Newest first. */
export async function listSources(
	db: Knex,
	organisationId: string,
	slice: Slice,
): Promise<SourceRow[]> {
	const query = db('sources').select('*').where({organisation_id: organisationId});
	sliceNewestFirst(query, slice);
	return (await query) as SourceRow[];
}

export async function findSource(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<SourceRow | undefined> {
	return await db('sources').where({id, organisation_id: organisationId}).first();
}

/** Changes the given members. @returns undefined when the organisation has no such source */
export async function updateSource(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
	change: {name?: string | undefined; type?: string | undefined},
): Promise<SourceRow | undefined> {
	return db.transaction(async (transaction) => {
		const [row] = await transaction('sources')
			.where({id, organisation_id: organisationId})
			.update({
				...(change.name === undefined ? {} : {name: change.name}),
				...(change.type === undefined ? {} : {type: change.type}),
				updated_at: transaction.raw('now()'),
			})
			.returning('*');
		if (row !== undefined) await record(transaction, by, changeOf('source.updated', row));
		return row;
	});
}

/** @returns the source as it was, or undefined */
export async function deleteSource(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
): Promise<SourceRow | undefined> {
	return db.transaction(async (transaction) => {
		const [row] = await transaction('sources')
			.where({id, organisation_id: organisationId})
			.delete()
			.returning('*');
		if (row !== undefined) await record(transaction, by, changeOf('source.deleted', row));
		return row;
	});
}

function changeOf(
	action: 'source.created' | 'source.updated' | 'source.deleted',
	row: SourceRow,
): AuditEvent {
	return {
		action,
		organisationId: row.organisation_id,
		target: {type: 'source', id: row.id, name: row.name},
		details: {type: row.type},
	};
}
