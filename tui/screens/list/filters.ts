import type {Items, Query, TableName} from '../../app/model.ts';

/** What was typed at `/`, read. */
export type ListFilter<Item> =
	| {
			/** What the server narrows the list to. */
			readonly query: Query;
			/** The same and what the server has no parameter for, on the rows that are here. */
			readonly test: (item: Item) => boolean;
	  }
	| {
			/** The word that could not be read, and what it takes. */
			readonly problem: string;
	  };

/** Reads a filter, by the list that it is of; `now` is what a time such as `1h` is counted from. */
type ParseFilter<Item> = (text: string, now: number) => ListFilter<Item>;

/** Lists that take more than words. */
const parsers: {readonly [List in TableName]?: ParseFilter<Items[List]>} = {};

export function parseFilter<List extends TableName>(
	list: List,
	text: string,
	now: number,
): ListFilter<Items[List]> {
	const parse: ParseFilter<Items[List]> | undefined = parsers[list];
	return parse?.(text, now) ?? {query: {}, test: hasWords(text)};
}

/** Whether each word is somewhere in a row. */
export function hasWords(source: string): (item: unknown) => boolean {
	const words = source
		.toLowerCase()
		.split(/\s+/u)
		.filter((word) => word !== '');
	if (words.length === 0) return () => true;
	return (item) => {
		const text = searchable(item);
		return words.every((word) => text.includes(word));
	};
}

/** All the text of a row, also within its members. */
function searchable(value: unknown): string {
	if (typeof value === 'string') return value.toLowerCase();
	if (typeof value !== 'object' || value === null) return '';
	return Object.values(value).map(searchable).join(' ');
}
