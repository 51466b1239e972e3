import type {Context} from 'koa';
import type {PageQuery} from '../../contract/paging.ts';
import type {Cursors} from '../../core/db/cursor.ts';
import type {Slice} from '../../core/db/position.ts';
import {finishPage, pageOf, positionOf, type Placed} from './page.ts';
import {Problem} from './problem.ts';
import {createStreamSender} from './streams.ts';
import {isTagFresh} from './tagged.ts';

/** Rows of one statement: it takes some milliseconds, and so does turning them into text. */
const batchSize = 1000;

const send = createStreamSender({most: 64, mostOfOne: 8});

/** What is listed, and how. */
export type Listing<Row, Shown> = {
	/** What cursors are bound to, such as `keys:<organisation id>`. */
	name: string;
	/** Reads a part of the list, in its one order. */
	read: (slice: Slice) => Promise<Row[]>;
	present: (row: Row) => Shown;
	/** Of lists that carry an `ETag`: changes with every change of the list. */
	version?: () => Promise<string>;
	/** Rows of a page where the query has no `limit`; absent: all of them. */
	pageSize?: number;
};

/** What a list comes to: rows, one that is too long to be held, or why it cannot be had. */
type Listed<Shown> = Shown[] | WholeList | Problem;

/** The answer of a handler that lists: the route makes pages of it, by its query. */
export class List<Shown> {
	/** Of what it is a list. */
	declare readonly shown: Shown;
	readonly answer: (ctx: Context, query: PageQuery, cursors: Cursors) => Promise<Listed<Shown>>;

	constructor(answer: List<Shown>['answer']) {
		this.answer = answer;
	}
}

/**
 * A list: with a `limit` in the query, or a size of its pages, a page of it, else all of it. A list
 * that is longer than a batch is sent while it is read, in short statements between which no
 * connection to PostgreSQL is held and others get their turn. Each row is as it stood when it was
 * read; rows that were there all the time are there once, in order.
 */
export function list<Row extends Placed, Shown>(listing: Listing<Row, Shown>): List<Shown> {
	const {name, read, present, pageSize} = listing;
	return new List(async (ctx, {limit = pageSize, cursor}, cursors) => {
		const query = {limit, cursor};
		const slice = pageOf(query, name, cursors, batchSize);
		if (slice instanceof Problem) return slice;
		const rows = await read(slice);
		if (limit !== undefined) return finishPage(ctx, rows, query, name, cursors).map(present);
		if (rows.length < slice.limit) return rows.map(present);
		return new WholeList((context) => sendWhole(context, listing, slice, rows));
	});
}

/** A list that is too long to be held. */
export class WholeList {
	/** Sends the same bytes as for an array. @returns why not, if not */
	readonly respond: (ctx: Context) => Promise<Problem | undefined>;

	constructor(respond: WholeList['respond']) {
		this.respond = respond;
	}
}

async function sendWhole<Row extends Placed, Shown>(
	ctx: Context,
	listing: Listing<Row, Shown>,
	slice: Slice,
	first: Row[],
): Promise<Problem | undefined> {
	const {name, read, version} = listing;
	let rows = first;
	if (version !== undefined) {
		// Told before anything is read: what is sent is never older than its tag says.
		if (isTagFresh(ctx, await version())) return undefined;
		rows = await read(slice);
	}
	const stream = send(ctx, name, texts(listing, slice, rows));
	if (stream instanceof Problem) return stream;
	ctx.type = 'json';
	ctx.body = stream;
	return undefined;
}

/** @param rows the first ones of the slice */
async function* texts<Row extends Placed, Shown>(
	{read, present}: Listing<Row, Shown>,
	slice: Slice,
	rows: Row[],
): AsyncGenerator<string, void> {
	let opening = '[';
	for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
		yield opening + JSON.stringify(rows.map(present)).slice(1, -1);
		opening = ',';
		if (rows.length < slice.limit) break;
		rows = await read({...slice, position: positionOf(last)});
	}
	yield opening === '[' ? '[]' : ']';
}
