import type {Query} from '../../app/model.ts';

/** What was typed at `/`, read; or the word that could not be, and what it takes. */
export type ListFilter<Item> =
	| {
			/** What the server narrows the list to. */
			readonly query: Query;
			/** The same, and what the server has no parameter for, on the rows that are here. */
			readonly test: (item: Item) => boolean;
	  }
	| {readonly problem: string};

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
