/* Lists that come in pages: one page after the other, or all of them. */
import type * as z from 'zod';
import type {RouteName, routes} from '../../contract/routes.ts';
import type {Answer, Known} from './answer.ts';
import type {Client} from './client.ts';
import type {Input, LooseInput} from './request.ts';
import {share, type Seen} from './share.ts';

/** Lists that come in pages. */
export type ListName = {
	[Name in RouteName]: (typeof routes)[Name] extends {query: z.ZodType}
		? Answer<Name>['body'] extends readonly unknown[]
			? Name
			: never
		: never;
}[RouteName];

export type Item<Name extends ListName> = Answer<Name>['body'][number];

/** A list page after page, `most` items of it at most; pages that are `known` are not sent again. */
export async function* pages<Name extends ListName>(
	client: Client,
	name: Name,
	input: Input<Name>,
	most = Number.POSITIVE_INFINITY,
	known?: (cursor: string | undefined) => Known | undefined,
): AsyncGenerator<Answer<Name>, void, void> {
	let left = most;
	let cursor: string | undefined;
	// A short first page is on the screen sooner; the rest comes in few requests.
	let size = 200;
	do {
		const query = {...(input as LooseInput).query, limit: String(Math.min(size, left)), cursor};
		const page = {...input, query} as unknown as Input<Name>;
		const answer = await client.call(name, page, known?.(cursor));
		cursor = answer.next;
		left -= answer.body.length;
		size = 1000;
		yield answer;
	} while (cursor !== undefined && left > 0);
}

/** How often what has arrived so far is shown, ms. */
const showEvery = 250;

/**
 * Every item of a list; `onPage` sees now and then what has arrived so far. Pages that have not
 * changed since they were last read are not sent again, and where none has, the answer is the very
 * array of then.
 */
export async function all<Name extends ListName>(
	client: Client,
	name: Name,
	input: Input<Name>,
	onPage?: (items: readonly Item<Name>[]) => void,
): Promise<readonly Item<Name>[]> {
	const of = JSON.stringify(input);
	const last = client.lastRead.get(name);
	const before = last?.of === of ? last : undefined;
	const read = new Map<string, Known>();
	const items: Item<Name>[] = [];
	let isSame = true;
	let shownAt = -Infinity;
	let cursor = '';
	const seen: Seen = new Map();
	const known = (at: string | undefined) => before?.pages.get(at ?? '');
	for await (const {body, tag, next} of pages(client, name, input, undefined, known)) {
		if (tag !== undefined) read.set(cursor, {tag, body});
		const isKnown = body === before?.pages.get(cursor)?.body;
		isSame &&= isKnown;
		if (!isKnown) share(body, seen);
		for (const item of body) items.push(item);
		if (next === undefined) break;
		cursor = next;
		if (onPage !== undefined && performance.now() - shownAt > showEvery) {
			shownAt = performance.now();
			onPage(items.slice());
		}
	}
	const isUnchanged = isSame && before?.items.length === items.length;
	const result = isUnchanged ? (before.items as readonly Item<Name>[]) : items;
	client.lastRead.set(name, {of, items: result, pages: read});
	return result;
}
