import {clean} from './clean.ts';
import {wrap} from './width.ts';

/** Text of many lines from elsewhere, safe to draw and no wider than `columns`; JSON is indented. */
export function block(text: string, columns: number): string[] {
	return indented(text)
		.split(/\r\n|\r|\n/u)
		.flatMap((line) => wrap(clean(line.replaceAll('\t', '  ')), columns));
}

/** Text that has to be shown as it is, such as what was signed. */
export function verbatim(text: string, columns: number): string[] {
	return wrap(clean(text), columns);
}

function indented(text: string): string {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === 'object' ? JSON.stringify(value, undefined, 2) : text;
	} catch {
		return text;
	}
}
