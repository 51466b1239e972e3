/** What was listed to somebody who listens, by numbers that stay as long as the program runs. */
export type Numbers = {
	/** The number of an item of a noun, such as `keys`: its first one, however often it is listed. */
	of: (noun: string, id: string) => number;
	/** The id behind a number. */
	id: (noun: string, number: string) => string | undefined;
	/** Of what was listed last. */
	last: () => string | undefined;
	/** Questions whose choices were told already. */
	heard: Set<string>;
};

export function createNumbers(): Numbers {
	const listed = new Map<string, string[]>();
	let last: string | undefined;
	return {
		of(noun, id) {
			const ids = listed.get(noun) ?? [];
			listed.set(noun, ids);
			last = noun;
			const at = ids.indexOf(id);
			return at === -1 ? ids.push(id) : at + 1;
		},
		id: (noun, number) =>
			/^[1-9]\d{0,5}$/.test(number) ? listed.get(noun)?.[Number(number) - 1] : undefined,
		last: () => last,
		heard: new Set(),
	};
}
