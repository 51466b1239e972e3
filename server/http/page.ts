import type {Context} from 'koa';
import type {PageQuery} from '../../contract/paging.ts';
import type {Position, Slice} from '../../core/db/position.ts';
import type {Cursors} from '../../core/db/cursor.ts';
import {Problem} from './problem.ts';

/** A row that has a place in its list. */
export type Placed = {id: string; created_at: Date};

/**
 * The page that a query asks for; one row more is read, to know whether another page follows.
 *
 * @param batch rows to begin with, where the whole list is asked for
 */
export function pageOf(
	query: PageQuery,
	list: string,
	cursors: Cursors,
	batch: number,
): Slice | Problem {
	const place = placeOf(query, list, cursors);
	if (place instanceof Problem) return place;
	const [createdAt = '', id = ''] = place?.split(' ') ?? [];
	return {
		limit: query.limit === undefined ? batch : query.limit + 1,
		position: place === undefined ? undefined : {createdAt, id},
	};
}

/** The place that a cursor leads to, as the list wrote it; undefined without one. */
export function placeOf(
	{cursor}: Pick<PageQuery, 'cursor'>,
	list: string,
	cursors: Cursors,
): string | undefined | Problem {
	if (cursor === undefined) return undefined;
	return (
		cursors.decode(list, cursor) ??
		new Problem('invalid_field', {message: 'cursor is not valid', field: 'cursor'})
	);
}

/** Cuts the extra row off and, where there was one, sets `Link: <…>; rel="next"` (RFC 8288). */
export function finishPage<Row extends Placed>(
	ctx: Context,
	rows: Row[],
	query: PageQuery,
	list: string,
	cursors: Cursors,
): Row[] {
	if (query.limit === undefined || rows.length <= query.limit) return rows;
	const page = rows.slice(0, query.limit);
	const last = page.at(-1);
	if (last !== undefined) {
		const {createdAt, id} = positionOf(last);
		linkNext(ctx, 'cursor', cursors.encode(list, `${createdAt} ${id}`));
	}
	return page;
}

/** Where a list goes on after a row. */
export function positionOf({created_at: createdAt, id}: Placed): Position {
	return {createdAt: createdAt.toISOString(), id};
}

/** Says where the next page is: at this address, with one parameter changed. */
export function linkNext(ctx: Context, parameter: string, value: string): void {
	const next = new URLSearchParams(ctx.querystring);
	next.set(parameter, value);
	ctx.set('Link', `<${ctx.path}?${next.toString()}>; rel="next"`);
}
