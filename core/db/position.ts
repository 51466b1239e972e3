import type {Knex} from 'knex';

/** Where a page of a list by age ended: creation instant (ISO 8601, milliseconds) and id. */
export type Position = {createdAt: string; id: string};

/** A part of a list: at most `limit` rows after `position`. */
export type Slice = {limit: number; position: Position | undefined};

/** Orders a query newest first and restricts it to a slice. */
export function sliceNewestFirst(
	query: Knex.QueryBuilder,
	{limit, position}: Slice,
): Knex.QueryBuilder {
	query.orderBy([
		{column: 'created_at', order: 'desc'},
		{column: 'id', order: 'desc'},
	]);
	return goOn(query, position).limit(limit);
}

/** Restricts a query to what is behind a position of a newest-first list. */
export function goOn(query: Knex.QueryBuilder, position: Slice['position']): Knex.QueryBuilder {
	if (position === undefined) return query;
	return query.whereRaw('(created_at, id) < (?::timestamptz, ?::uuid)', [
		position.createdAt,
		position.id,
	]);
}

/** Orders a query oldest first and restricts it to a slice. */
export function sliceOldestFirst(query: Knex.QueryBuilder, {limit, position}: Slice): void {
	query.orderBy(['created_at', 'id']);
	if (position !== undefined) {
		query.whereRaw('(created_at, id) > (?::timestamptz, ?::uuid)', [
			position.createdAt,
			position.id,
		]);
	}
	query.limit(limit);
}
