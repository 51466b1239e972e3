import type {Knex} from 'knex';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {SourceRow} from '../db/tables.ts';

export async function insertSource(
	db: Knex,
	organisationId: string,
	source: {name: string; type: string},
): Promise<SourceRow> {
	const [row] = await db('sources')
		.insert({organisation_id: organisationId, name: source.name, type: source.type})
		.returning('*');
	if (row === undefined) throw new Error('insert of a source returned no row');
	return row;
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
	organisationId: string,
	id: string,
	change: {name?: string | undefined; type?: string | undefined},
): Promise<SourceRow | undefined> {
	const [row] = await db('sources')
		.where({id, organisation_id: organisationId})
		.update({
			...(change.name === undefined ? {} : {name: change.name}),
			...(change.type === undefined ? {} : {type: change.type}),
			updated_at: db.raw('now()'),
		})
		.returning('*');
	return row;
}

/** @returns the source as it was, or undefined */
export async function deleteSource(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<SourceRow | undefined> {
	const [row] = await db('sources')
		.where({id, organisation_id: organisationId})
		.delete()
		.returning('*');
	return row;
}
