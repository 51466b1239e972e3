/** A setting with a default or marked required: load.ts has already refused its absence. */
export function present<T>(value: T | undefined): T {
	if (value === undefined) throw new Error('setting without value reached the configuration');
	return value;
}
