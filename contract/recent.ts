/**
 * A function whose results are kept for the texts that were asked for last: a service asks the same few
 * again and again.
 *
 * @param most how many are kept
 * @param make pure; what it throws is not kept
 */
export function createRecent<T>(most: number, make: (text: string) => T): (text: string) => T {
	// In the order of their last use: a Map goes through its members as they were put there.
	const kept = new Map<string, T>();
	return (text) => {
		const known = kept.get(text);
		const value = known ?? make(text);
		if (known !== undefined) kept.delete(text);
		kept.set(text, value);
		if (kept.size > most) kept.delete(kept.keys().next().value ?? '');
		return value;
	};
}
