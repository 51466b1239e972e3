import {stripVTControlCharacters} from 'node:util';
import {width} from './width.ts';

/** What the package of this name does, for Ink, at a tenth of its cost. */
export default function stringWidth(
	text: string,
	{countAnsiEscapeCodes = false}: {countAnsiEscapeCodes?: boolean} = {},
): number {
	const isPlain = countAnsiEscapeCodes || !text.includes('\u001B');
	return width(isPlain ? text : stripVTControlCharacters(text));
}
