import type {Knex} from 'knex';

/** Where a page of a newest-first list ended: creation instant (ISO 8601, milliseconds) and id. */
export type Position = {createdAt: string; id: string};

/** Restricts a newest-first query to what comes after `position`. */
export function after(query: Knex.QueryBuilder, position: Position): void {
	query.whereRaw('(created_at, id) < (?::timestamptz, ?::uuid)', [position.createdAt, position.id]);
}
