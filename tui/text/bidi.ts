/** Scripts that are written from right to left, and the numbers of some of them. */
const rightToLeft =
	/[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
const [isolate, end] = ['\u2068', '\u2069'];

/**
 * Text of a cell or two that a terminal may write from right to left, so that what stands beside it keeps
 * its place: terminals that reorder honour the isolates, and the others draw nothing for them. They are
 * put in where a line is drawn, not before, so that nothing that is copied, compared or sent has them.
 */
export function isolated(text: string): string {
	if (!rightToLeft.test(text)) return text;
	const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/su.exec(text) ?? [];
	return `${before}${isolate}${inner}${end}${after}`;
}
