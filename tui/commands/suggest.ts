/** The words that somebody can have meant who mistyped one, the nearest first. */
export function nearest(word: string, words: Iterable<string>): string[] {
	const wanted = word.toLowerCase();
	const most = wanted.length < 5 ? 1 : 2;
	return [...new Set(words)]
		.map((each) => ({each, off: each.startsWith(wanted) ? 0.5 : distance(wanted, each)}))
		.filter(({each, off}) => off <= most && off < each.length)
		.toSorted((a, b) => a.off - b.off)
		.slice(0, 3)
		.map(({each}) => each);
}

/** How many letters must be put in, taken out, changed or swapped with the next one. */
function distance(from: string, to: string): number {
	let before: number[] = [];
	let row = Array.from({length: to.length + 1}, (_, column) => column);
	for (let at = 1; at <= from.length; at++) {
		const last = row;
		row = [at];
		for (let column = 1; column <= to.length; column++) {
			const isSame = from[at - 1] === to[column - 1];
			const isSwapped = from[at - 1] === to[column - 2] && from[at - 2] === to[column - 1];
			row[column] = Math.min(
				(last[column] ?? 0) + 1,
				(row[column - 1] ?? 0) + 1,
				(last[column - 1] ?? 0) + (isSame ? 0 : 1),
				isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
			);
		}
		before = last;
	}
	return row[to.length] ?? 0;
}
