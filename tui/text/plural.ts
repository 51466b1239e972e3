/** A count with its noun, such as `1,284 keys`. */
export function plural(count: number, [one, many]: readonly [one: string, many: string]): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
