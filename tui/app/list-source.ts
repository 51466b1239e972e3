import type {Permission} from '../../contract/permissions.ts';
import type {Client} from '../client/client.ts';
import type {Query} from '../text/filter-grammar.ts';
import type {Page} from './pages.ts';

/* Where lists come from. What each one is, stands in the folder of its screen. */

/** A row of a table is known by its id, wherever it moves. */
export type Row<Item> = Item & {readonly id: string};

export type From = {
	readonly client: Client;
	/** Empty for lists that are the same in every organisation. */
	readonly org_id: string;
	readonly query: Query | undefined;
};

/** Reads a list whole; `onPart` sees what has arrived so far, where it comes in pages. */
type Read<Item> = (
	from: From,
	onPart: (items: readonly Item[]) => void,
) => Promise<readonly Item[]>;

/** Reads the page at `cursor`, what came after a row, or else the first page. */
type ReadPage<Item> = (from: From & Place) => Promise<Page<Item>>;
export type Place = {readonly cursor?: string | undefined; readonly after?: string | undefined};

export type ListSource<Item> = {
	/** Of the organisation that one works in, or the same in every one. */
	readonly of: 'organisation' | 'user';
	/** Who may read it: others are told so, and the server is not asked. */
	readonly readers: Permission | 'everybody';
} & (
	| {readonly read: Read<Item>}
	/** For lists of any length: only as much is read as is looked at. */
	| {readonly readPage: ReadPage<Item>}
);

/** A short first page is on the screen sooner; the rest comes in few requests. */
const firstPage = '200';
export const furtherPage = '1000';

export function pageOf(cursor: string | undefined): Query {
	return cursor === undefined ? {limit: firstPage} : {limit: furtherPage, cursor};
}

/** A page, and where it goes. */
export function placed<Item>(
	cursor: string | undefined,
	page: {items: readonly Item[]; next?: string | undefined},
): Page<Item> {
	return cursor === undefined ? {...page, place: 'top'} : {...page, place: 'end', cursor};
}
