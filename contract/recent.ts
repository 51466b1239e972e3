/**
 * A function whose results are kept for the texts that were asked for last: a service asks the same few
 * again and again. For one that is known it does nothing but look it up.
 *
 * @param most how many are kept; half as many, that were asked for last, for sure
 * @param make pure; what it throws is not kept
 */
export function createRecent<T>(most: number, make: (text: string) => T): (text: string) => T {
	// Half of them at a time: those that were asked for since the half was full, and those before.
	let recent = new Map<string, T>();
	let earlier = new Map<string, T>();
	return (text) => {
		const known = recent.get(text);
		if (known !== undefined) return known;
		const value = earlier.get(text) ?? make(text);
		recent.set(text, value);
		if (recent.size * 2 >= most) [earlier, recent] = [recent, new Map()];
		return value;
	};
}
