const replacement = '\uFFFD';

/**
 * What may never reach a terminal from a server: C0 and C1 controls (escape sequences start with
 * them), bidi controls (they reorder what stands beside them), line and paragraph separators, and
 * characters that cannot be seen but make two names look the same. Joiners that emoji and Indic
 * scripts need (U+200C, U+200D, variation selectors) stay.
 */
const unsafe =
	// oxlint-disable-next-line no-control-regex
	/[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E0FFF}]/gu;

/** More than this many marks on one letter spill over the lines above and below. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Text from a server, made safe to draw in one cell run: each unsafe character becomes U+FFFD, so
 * that it is seen and not obeyed.
 */
export function clean(text: string): string {
	if (/^[\x20-\x7E]*$/.test(text)) return text;
	return text.toWellFormed().replaceAll(unsafe, replacement).replaceAll(stackedMarks, '$1');
}

/** What a person typed or pasted into a one-line field: controls and line breaks are dropped. */
export function typed(text: string): string {
	// oxlint-disable-next-line no-control-regex
	return text.toWellFormed().replaceAll(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]/gu, '');
}
