/* Numbers of uses as people write them: `1000`, `1,000`, `50k`, `1.5M`. */

const sizes: Readonly<Record<string, number>> = {k: 1000, K: 1000, M: 1_000_000};

/** @returns why it is none, as a sentence without its subject */
export function readCount(text: string): number | {problem: string} {
	if (/^\d+(\.\d+)?m$/.test(text)) {
		return {problem: `could mean many things: write ${text.slice(0, -1)}M for millions`};
	}
	const [, whole = '', part = '', size = ''] =
		/^(\d+|\d{1,3}(?:,\d{3})+)(\.\d{1,6})?([kKM]?)$/.exec(text) ?? [];
	// In millionths, so that nothing is lost to fractions of two.
	const millionths = BigInt(whole.replaceAll(',', '') + part.slice(1).padEnd(6, '0'));
	const value = (millionths * BigInt(sizes[size] ?? 1)) / 1_000_000n;
	const isWhole = value * 1_000_000n === millionths * BigInt(sizes[size] ?? 1);
	if (whole === '' || !isWhole)
		return {problem: 'is not a whole number, such as 1000, 1,000, 50k or 1M'};
	return Number(value);
}

/** With its thousands apart, as `readCount` reads it. */
export function writeCount(count: number): string {
	// What a frame has several of: Intl takes as long for one as all else of a line.
	if (!Number.isSafeInteger(count)) return count.toLocaleString('en');
	return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** The same of every long number in a sentence. */
export function withCounts(sentence: string): string {
	return sentence.replaceAll(/\d{4,}/g, (digits) => writeCount(Number(digits)));
}

/** Short, for where there is little room: `608,861`, then `1.21M`. */
export function briefCount(count: number): string {
	if (count < 1_000_000) return writeCount(count);
	const [size, letter] = count < 1_000_000_000 ? [1_000_000, 'M'] : [1_000_000_000, 'G'];
	const short = count / size;
	const written = short.toFixed(short < 10 ? 2 : short < 100 ? 1 : 0);
	return `${written.replace(/\.0+$|(\.\d)0$/, '$1')}${letter}`;
}
