/* A list as it is held, and what it becomes with each page of it that comes in. */

/** A list from the server, and how fresh it is. Times in ms since the epoch. */
export type Loaded<Item> = {
	readonly items: readonly Item[];
	/** `partial`: the first pages are here. `ready`: all of it was, at `loadedAt`. */
	readonly status: 'none' | 'partial' | 'ready' | 'failed';
	readonly loading: boolean;
	readonly loadedAt?: number;
	/** When to read it again. */
	readonly nextAt: number;
	/** How often it is read, ms. */
	readonly every?: number;
	readonly problem?: string;
	/** Cursor of the page that follows; without one there is none. */
	readonly next?: string;
	/** That page is being read. */
	readonly extending?: boolean;
	/** Rows beyond what the console keeps of a list were left out. */
	readonly cut?: boolean;
	/** What the items were narrowed to, where that has changed since. */
	readonly stale?: boolean;
};

export const nothing = {items: [], status: 'none', loading: false, nextAt: 0} as const;

/** A part of a list that is read page by page, newest first. */
export type Page<Item> = {
	readonly items: readonly Item[];
	/** Where it goes: the list from its first row on, what follows `cursor`, or what came since. */
	readonly place: 'top' | 'end' | 'above';
	readonly cursor?: string | undefined;
	/** Cursor of the page that follows. */
	readonly next?: string | undefined;
};

/** Rows that the console keeps of one list: some 20 MB at most. */
export const bound = 10_000;

type Held<Item> = Pick<Loaded<Item>, 'items' | 'next' | 'cut'>;

/** What is held of a list once `page` has come in. */
export function joined<Item extends {readonly id: string}>(
	held: Held<Item>,
	page: Page<Item>,
): Held<Item> {
	if (page.place === 'end') {
		// Read anew from the top in the meantime, so that it would not follow what is held.
		if (page.cursor !== held.next) return held;
		return bounded({items: [...held.items, ...page.items], next: page.next});
	}
	if (page.place === 'above') return bounded({...held, items: [...page.items, ...held.items]});
	const last = page.items.at(-1)?.id;
	const overlap = held.items.findLastIndex(({id}) => id === last);
	const rest = held.items.slice(overlap + 1);
	// All of the page is new: what lies between it and what was held is not known.
	if (overlap === -1 || rest.length === 0) return bounded({items: page.items, next: page.next});
	return bounded({...held, items: [...page.items, ...rest]});
}

function bounded<Item>({
	items,
	next,
	cut,
}: {
	items: readonly Item[];
	next?: string | undefined;
	cut?: boolean | undefined;
}): Held<Item> {
	const more = next === undefined ? {} : {next};
	if (items.length < bound) return {items, ...more, ...(cut === true ? {cut} : {})};
	const isCut = cut === true || next !== undefined || items.length > bound;
	return {items: items.slice(0, bound), ...(isCut ? {cut: true} : {})};
}
