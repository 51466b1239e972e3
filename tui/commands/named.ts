import type {ErrorCode} from '../../contract/errors.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function isId(text: string): boolean {
	return uuid.test(text);
}

/** What things with names are called. */
export type NamedWords = {
	readonly one: string;
	readonly many: string;
	/** What stands before the name, of one and of many; absent: `is called`. */
	readonly called?: readonly [one: string, many: string];
	readonly code: ErrorCode;
	/** The command that lists them. */
	readonly list: string;
};

/**
 * The id of what is called `wanted`, in other letters where nothing is called exactly so.
 *
 * @throws {Failure} usage when the name fits several, refused 404 when it fits none.
 */
export function theOneNamed(
	items: readonly {readonly id: string; readonly name: string}[],
	wanted: string,
	words: NamedWords,
): string {
	const [is, are] = words.called ?? ['is called', 'are called'];
	const exact = items.filter(({name}) => name === wanted);
	const alike = items.filter(({name}) => name.toLowerCase() === wanted.toLowerCase());
	const [match, ...others] = exact.length > 0 ? exact : alike;
	if (match === undefined) {
		throw new Failure('refused', `No ${words.one} ${is} ${clean(wanted)}`, {
			status: 404,
			code: words.code,
			hint: `See \`${words.list}\`.`,
		});
	}
	if (others.length > 0) {
		const ids = [match, ...others].map(({id}) => id).join(', ');
		throw new Failure('usage', `Several ${words.many} ${are} ${clean(wanted)}`, {
			hint: `Give the id instead: ${ids}`,
		});
	}
	return match.id;
}
