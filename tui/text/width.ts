/*
 * Columns that text takes on a terminal. Ours, because every row is composed to the exact width
 * before it is drawn and because the usual library costs more than all the rest of a frame.
 */

/** East Asian Wide and Fullwidth blocks that are not emoji (Unicode 16, EastAsianWidth.txt). */
const wideRanges: readonly (readonly [number, number])[] = [
	[0x1100, 0x115f],
	[0x2329, 0x232a],
	[0x2630, 0x2637],
	[0x268a, 0x268f],
	[0x2e80, 0x303e],
	[0x3041, 0x3247],
	[0x3250, 0xa4cf],
	[0xa960, 0xa97c],
	[0xac00, 0xd7a3],
	[0xf900, 0xfaff],
	[0xfe10, 0xfe19],
	[0xfe30, 0xfe6b],
	[0xff01, 0xff60],
	[0xffe0, 0xffe6],
	[0x16fe0, 0x18d08],
	[0x1aff0, 0x1b2fb],
	[0x1d300, 0x1d376],
	[0x1f200, 0x1f265],
	[0x20000, 0x3fffd],
];

/** Made once it is needed: it takes 8 ms. */
let segmenter: Intl.Segmenter | undefined;

function segments(text: string): Intl.Segments {
	segmenter ??= new Intl.Segmenter(undefined, {granularity: 'grapheme'});
	return segmenter.segment(text);
}

/**
 * Only characters that take one column and join with nothing: ASCII, Latin, and the signs and lines
 * that the console itself draws. Everything else is taken apart, which costs fifty times as much.
 */
const simple = /^[\x20-\x7E\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2027\u2190-\u21FF\u2500-\u25FC]*$/;
const invisible =
	/^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Mn}\p{Me}\p{Surrogate}]+$/u;
const emoji = /^(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|[\d#*]\uFE0F?\u20E3|\p{RI}\p{RI})/u;
const leading =
	/^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Mn}\p{Me}\p{Surrogate}]+/u;
const spacing = /\p{Mc}/gu;

/** Whether each character of `text` is one column, and none joins another. */
export function isSimple(text: string): boolean {
	return simple.test(text);
}

/** Graphemes: what a person would call one character, and what may not be cut in two. */
export function graphemes(text: string): string[] {
	if (simple.test(text)) return text.split('');
	return Array.from(segments(text), ({segment}) => segment);
}

/** How many terminal columns `text` takes. */
export function width(text: string): number {
	if (simple.test(text)) return text.length;
	let columns = 0;
	for (const {segment} of segments(text)) columns += graphemeWidth(segment);
	return columns;
}

/** `text` cut to at most `columns`, with `ellipsis` where something was cut. */
export function truncate(text: string, columns: number, ellipsis = '…'): string {
	if (columns <= 0) return '';
	if (width(text) <= columns) return text;
	const room = columns - width(ellipsis);
	if (room < 0) return ''.padEnd(columns, '.');
	let kept = '';
	let used = 0;
	for (const grapheme of graphemes(text)) {
		const next = graphemeWidth(grapheme);
		if (used + next > room) break;
		kept += grapheme;
		used += next;
	}
	return kept + ellipsis;
}

/** `text` cut or padded with spaces to exactly `columns`. */
export function fit(text: string, columns: number, ellipsis = '…'): string {
	const cut = truncate(text, columns, ellipsis);
	return cut + ' '.repeat(Math.max(0, columns - width(cut)));
}

/** `text` broken into lines of at most `columns`, at spaces where there are any. */
export function wrap(text: string, columns: number): string[] {
	const lines: string[] = [];
	let line = '';
	let used = 0;
	const push = () => {
		lines.push(line.trimEnd());
		line = '';
		used = 0;
	};
	for (const word of text.split(/(?<= )/u)) {
		if (used > 0 && used + width(word.trimEnd()) > columns) push();
		for (const grapheme of graphemes(word)) {
			const next = graphemeWidth(grapheme);
			if (used + next > columns && grapheme !== ' ') push();
			line += grapheme;
			used += next;
		}
	}
	if (line.trim() !== '' || lines.length === 0) push();
	return lines;
}

function graphemeWidth(grapheme: string): number {
	if (simple.test(grapheme)) return grapheme.length;
	if (invisible.test(grapheme)) return 0;
	if (emoji.test(grapheme)) return 2;
	const visible = grapheme.replace(leading, '');
	const first = visible.codePointAt(0) ?? 0;
	let columns = isWide(first) ? 2 : 1;
	const rest = visible.slice(first > 0xffff ? 2 : 1);
	columns += rest.match(spacing)?.length ?? 0;
	for (const character of rest) {
		const code = character.codePointAt(0) ?? 0;
		if (code >= 0xff00 && code <= 0xffef) columns += isWide(code) ? 2 : 1;
	}
	return columns;
}

function isWide(code: number): boolean {
	if (code < 0x1100) return false;
	let low = 0;
	let high = wideRanges.length - 1;
	while (low <= high) {
		const middle = (low + high) >> 1;
		const [from, to] = wideRanges[middle] ?? [0, 0];
		if (code < from) high = middle - 1;
		else if (code > to) low = middle + 1;
		else return true;
	}
	return false;
}
