import type {Column, Order, SortValue} from './columns.ts';

/** How a column is first sorted: dates newest first, words from the top of the alphabet. */
export function firstOrder({title, descending}: Column<never>): Order {
	return {column: title, descending: descending === true};
}

/** A time as rows are sorted by it. */
export function sortTime(timestamp: string | null): number | null {
	return timestamp === null ? null : Date.parse(timestamp);
}

/** The letter that sorts by each column: the first one of its title that no column before it has. */
export function sortLetters(columns: readonly Column<never>[]): [letter: string, title: string][] {
	const taken = new Set<string>();
	return columns.flatMap(({title, value}): [string, string][] => {
		if (value === undefined) return [];
		const letters = title.toLowerCase().split('');
		const letter = letters.find((each) => /[a-z]/.test(each) && !taken.has(each));
		if (letter === undefined) return [];
		taken.add(letter);
		return [[letter, title]];
	});
}

/** Numbers in names count as such: `key-9` before `key-10`. */
const words = new Intl.Collator('en', {numeric: true});

/**
 * A sorted copy. Rows without a value come last, either way; those alike stay as they were, so that
 * they do not jump.
 */
export function sortRows<Row>(
	rows: readonly Row[],
	value: (row: Row) => SortValue,
	descending: boolean,
): readonly Row[] {
	const sign = descending ? -1 : 1;
	return rows
		.map((row) => ({row, by: value(row)}))
		.sort(({by: a}, {by: b}) => {
			if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
			return sign * compare(a, b);
		})
		.map(({row}) => row);
}

function compare(a: string | number, b: string | number): number {
	if (typeof a === 'number' && typeof b === 'number') return a - b;
	return words.compare(String(a), String(b));
}
