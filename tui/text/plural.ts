import {writeCount} from './count.ts';

/** A count with its noun, such as `1,284 keys`. */
export function plural(count: number, [one, many]: readonly [one: string, many: string]): string {
	return `${writeCount(count)} ${count === 1 ? one : many}`;
}

/** `1st`, `12th`, `23rd`. */
export function ordinal(count: number): string {
	const rest = count % 100;
	const ending = rest >= 11 && rest <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
	return `${count}${ending}`;
}
