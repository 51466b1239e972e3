import type {Context} from 'koa';
import type {PageQuery} from '../../contract/paging.ts';
import type {Slice} from '../../core/db/position.ts';
import type {Cursors} from '../../core/db/cursor.ts';
import {Problem} from './problem.ts';

/** The page that a query asks for; one row more is read, to know whether another page follows. */
export function pageOf(query: PageQuery, list: string, cursors: Cursors): Slice | Problem {
	const position = query.cursor === undefined ? undefined : cursors.decode(list, query.cursor);
	if (query.cursor !== undefined && position === undefined) {
		return new Problem('invalid_field', {message: 'cursor is not valid', field: 'cursor'});
	}
	return {limit: query.limit === undefined ? undefined : query.limit + 1, position};
}

/** Cuts the extra row off and, where there was one, sets `Link: <…>; rel="next"` (RFC 8288). */
export function finishPage<Row extends {id: string; created_at: Date}>(
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
		const cursor = cursors.encode(list, {createdAt: last.created_at.toISOString(), id: last.id});
		const next = new URLSearchParams(ctx.querystring);
		next.set('cursor', cursor);
		ctx.set('Link', `<${ctx.path}?${next.toString()}>; rel="next"`);
	}
	return page;
}
