/**
 * What is made of a text, once for all who need it at the same time, and forgotten with the last of
 * them.
 *
 * @param make nothing is kept where it throws
 */
export function createShared<Made extends object>(
	make: (text: string) => Made,
): (text: string) => Made {
	const made = new Map<string, WeakRef<Made>>();
	const forgotten = new FinalizationRegistry<string>((text) => {
		if (made.get(text)?.deref() === undefined) made.delete(text);
	});
	return (text) => {
		const known = made.get(text)?.deref();
		if (known !== undefined) return known;
		const fresh = make(text);
		made.set(text, new WeakRef(fresh));
		forgotten.register(fresh, text);
		return fresh;
	};
}
