import type {Query} from '../../app/model.ts';
import {duration} from '../../text/time.ts';

/** What was typed at `/`, read; or the word that could not be, and what it takes. */
export type ListFilter<Item> =
	| {
			/** What the server narrows the list to. */
			readonly query: Query;
			/** The same, and what the server has no parameter for, on the rows that are here. */
			readonly test: (item: Item) => boolean;
	  }
	| {readonly problem: string};

/** Reads each word by itself; all of them must hold, and the first that cannot be read is told. */
export function readWords<Item>(
	source: string,
	read: (word: string) => ListFilter<Item>,
): ListFilter<Item> {
	const tests: ((item: Item) => boolean)[] = [];
	const query: Record<string, string> = {};
	for (const word of source.trim().split(/\s+/u)) {
		if (word === '') continue;
		const part = read(word);
		if ('problem' in part) return part;
		Object.assign(query, part.query);
		tests.push(part.test);
	}
	return {query, test: (item) => tests.every((test) => test(item))};
}

/** The instant, in ms, of how long ago (`1h`) or when (UTC). */
export function timeOf(value: string, now: number): number | undefined {
	const span = duration(value);
	if (span !== undefined) return now - span;
	const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** What the times of a filter are written as. */
export const takesTime = '15m, 1h, 7d or 2030-01-15';

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
