/** As `make`, which is asked once for each text; of many texts those before are forgotten. */
export function remembered<Value>(make: (text: string) => Value, most = 1024) {
	const known = new Map<string, Value>();
	return (text: string): Value => {
		const found = known.get(text);
		if (found !== undefined) return found;
		const made = make(text);
		if (known.size >= most) known.clear();
		known.set(text, made);
		return made;
	};
}
