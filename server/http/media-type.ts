/**
 * One parameter of a media type, or none (RFC 9110, 5.6.6): name, value. Blanks around `=` are let
 * pass.
 */
const parameter =
	/[ \t]*;[ \t]*(?:([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*([\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*"))?/y;
const utf8 = new Set(['utf-8', 'utf8', '"utf-8"', '"utf8"']);

/**
 * Whether a Content-Type says `expected`, in UTF-8 if it says a charset at all. Parameters that we do
 * not know change nothing (RFC 9110, 8.3.1): some clients add `odata=verbose` and the like.
 *
 * @param expected in lower case
 */
export function isMediaType(contentType: string | undefined, expected: string): boolean {
	if (contentType === undefined) return false;
	if (contentType === expected) return true;
	const text = contentType.trim().toLowerCase();
	if (!text.startsWith(expected)) return false;
	let end = expected.length;
	while (end < text.length) {
		parameter.lastIndex = end;
		const found = parameter.exec(text);
		if (found === null) return false;
		const [, name, value = ''] = found;
		if (name === 'charset' && !utf8.has(value)) return false;
		end = parameter.lastIndex;
	}
	return true;
}
