import {isDeepStrictEqual} from 'node:util';

type Members = Readonly<Record<string, unknown>>;

/** The change that makes one object of another (RFC 7396); it can give no member the value null. */
export function patchBetween(before: Members, after: Members): Record<string, unknown> {
	const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
	const differing = Object.entries(after).filter(
		([name, value]) => !isDeepStrictEqual(before[name], value),
	);
	return Object.fromEntries([
		...gone.map((name) => [name, null]),
		...differing.map(([name, value]) => {
			const is = before[name];
			return [name, isObject(is) && isObject(value) ? patchBetween(is, value) : value];
		}),
	]);
}

function isObject(value: unknown): value is Members {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
