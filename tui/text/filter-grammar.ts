import {duration} from './time.ts';

/*
 * What may be typed at `/`, on every screen and as `--filter`: words, and `field:value` for the
 * fields that a list has. What looks like a field but is not one is named, never taken for a
 * word: a filter that was misread would show, or mark, what was not meant. In quotes it is a word,
 * and a value in quotes may have spaces: `actor:"deploy bot"`. `!` before either asks for the others.
 */

/** What a list is narrowed to by the server. */
export type Query = Readonly<Record<string, string>>;

/** What a part of a filter, or all of it, asks for. */
export type Part<Item> = {
	/** What the server narrows the list to. */
	readonly query: Query;
	/** The same, and what the server has no parameter for, on the rows that are here. */
	readonly test: (item: Item) => boolean;
};

/** A filter that was read; `test` and `query` are of the words that could be. */
export type ListFilter<Item> = Part<Item> & {
	/** The first word that could not be read, and what it takes: such a filter is not kept. */
	readonly problem?: string;
};

/** A field: what may stand after its colon, in words, and how that is read. */
export type Field<Item> = readonly [
	takes: string,
	read: (value: string, now: number) => Part<Item> | undefined,
];

export type Grammar<Item> = {
	readonly fields: Readonly<Record<string, Field<Item>>>;
	/** Whether a word, in lower case, is in a row; anywhere in its text unless this says where. */
	readonly hasWord?: (item: Item, word: string) => boolean;
};

/** Reads each word by itself; all of them must hold. `now` (ms) is what times are counted from. */
export function readFilter<Item>(
	source: string,
	now: number,
	{fields, hasWord = hasText}: Grammar<Item>,
): ListFilter<Item> {
	const tests: ((item: Item) => boolean)[] = [];
	const query: Record<string, string> = {};
	let problem: string | undefined;
	for (const [token, not = '', before, quoted] of source.matchAll(words)) {
		const bare = token.replace(/^!/, '');
		const isNot = not !== '' || bare !== token;
		const [, name = before, value = quoted ?? ''] =
			(quoted === undefined ? aField.exec(bare) : null) ?? [];
		const field = name === undefined ? undefined : fieldOf(fields, name);
		const part =
			name === undefined ? aWord(quoted ?? bare, isNot, hasWord) : field?.[1](value, now);
		if (part === undefined) {
			const why = bare === '' ? 'takes a word or a field behind it' : complaint(field, fields);
			problem ??= `${token.replace(/:$/, '')}: ${why}`;
		} else if (isNot) tests.push((item) => !part.test(item));
		else {
			Object.assign(query, part.query);
			tests.push(part.test);
		}
	}
	return {
		query,
		test: (item) => tests.every((test) => test(item)),
		...(problem === undefined ? {} : {problem}),
	};
}

const words = /(!?)(?:([a-z_]+):)?"([^"]*)"?|\S+/giu;

/** A word that must be in a row; behind a `!` it must be one. */
function aWord<Item>(
	text: string,
	isNot: boolean,
	hasWord: (item: Item, word: string) => boolean,
): Part<Item> | undefined {
	const word = text.toLowerCase();
	return isNot && word === '' ? undefined : here((item) => hasWord(item, word));
}

/** Not the `https:` of an address. */
const aField = /^([a-z_]+):(?!\/\/)(.*)$/iu;

function fieldOf<Item>(fields: Grammar<Item>['fields'], name: string): Field<Item> | undefined {
	return Object.entries(fields).find(([known]) => known === name.toLowerCase())?.[1];
}

function complaint<Item>(field: Field<Item> | undefined, fields: Grammar<Item>['fields']): string {
	if (field !== undefined) return `takes ${field[0]}`;
	const known = Object.keys(fields).map((name) => `${name}:`);
	const others = known.length === 0 ? 'only words here' : `there are ${known.join(' ')}`;
	return `no such filter, ${others}`;
}

/** A test on the rows that are here, where the server has no parameter for it. */
export function here<Item>(test: (item: Item) => boolean): Part<Item> {
	return {query: {}, test};
}

/** Whether an age or what is left, in ms, is below `<7d` or above `>30d`. */
export function spanTest(value: string): ((span: number) => boolean) | undefined {
	const limit = duration(value.slice(1));
	if (limit === undefined) return undefined;
	if (value.startsWith('<')) return (span) => span < limit;
	return value.startsWith('>') ? (span) => span > limit : undefined;
}

/** The instant, in ms, of how long ago (`1h`) or when (UTC). */
export function timeOf(value: string, now: number): number | undefined {
	const span = duration(value);
	if (span !== undefined) return now - span;
	if (!/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
	// A time of a day without a zone would be that of this machine.
	const time = Date.parse(/T[\d:.]+$/i.test(value) ? `${value}Z` : value);
	return Number.isNaN(time) ? undefined : time;
}

/** `since:` and `until:` of a list whose server takes both. */
export function period<Item>(instant: (item: Item) => string): {
	since: Field<Item>;
	until: Field<Item>;
} {
	const takes = '15m, 1h, 7d or 2030-01-15';
	const bound = (name: 'since' | 'until', isMet: (at: number, bound: number) => boolean) =>
		[
			takes,
			(value: string, now: number) => {
				const time = timeOf(value, now);
				if (time === undefined) return undefined;
				return {
					query: {[name]: new Date(time).toISOString()},
					test: (item: Item) => isMet(Date.parse(instant(item)), time),
				};
			},
		] as const;
	return {
		since: bound('since', (at, time) => at >= time),
		until: bound('until', (at, time) => at < time),
	};
}

/** Whether a word, in lower case, is somewhere in a row, also within its members. */
export function hasText(item: unknown, word: string): boolean {
	if (typeof item === 'string') return item.toLowerCase().includes(word);
	if (typeof item !== 'object' || item === null) return false;
	return Object.values(item).some((member) => hasText(member, word));
}
