import type {Knex} from 'knex';
import type {By} from '../actor.ts';
import {record, type AuditEvent} from '../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {SourceRow} from '../db/tables.ts';
import {requireRoom} from '../organisations/limits.ts';

/**
 * @param most sources that the organisation may have
 * @throws {LimitReached}
 */
export async function insertSource(
	db: Knex,
	by: By,
	organisationId: string,
	source: {name: string; type: string},
	most: number,
): Promise<SourceRow> {
	return db.transaction(async (transaction) => {
		const existing = transaction('sources').where({organisation_id: organisationId}).select('id');
		await requireRoom(transaction, organisationId, existing, {limit: 'sources', most});
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

/** What changes with every change of an organisation's sources. */
export async function versionOfSources(db: Knex, organisationId: string): Promise<string> {
	const {rows} = await db.raw<{rows: [{version: string}]}>(
		`select count(*) || ' ' || coalesce(sum(hashtextextended(id::text || updated_at, 0)), 0) as version
		from sources where organisation_id = ?`,
		[organisationId],
	);
	return rows[0].version;
}

export async function findSource(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<SourceRow | undefined> {
	return await db('sources').where({id, organisation_id: organisationId}).first();
}

/**
 * Changes the given members; what stays as it was leaves no entry, and `updated_at` where it is.
 *
 * @returns undefined when the organisation has no such source
 */
export async function updateSource(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
	change: {name?: string | undefined; type?: string | undefined},
): Promise<SourceRow | undefined> {
	return db.transaction(async (transaction) => {
		const own = transaction('sources').where({id, organisation_id: organisationId});
		const before = await own.clone().forNoKeyUpdate().first();
		if (before === undefined) return undefined;
		const {name = before.name, type = before.type} = change;
		if (name === before.name && type === before.type) return before;
		const [row] = await own.update({name, type, updated_at: transaction.raw('now()')}, '*');
		if (row === undefined) throw new Error('update of a source returned no row');
		await record(transaction, by, changeOf('source.updated', row));
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
