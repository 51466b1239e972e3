/* The words after a limit or a quota: `burst 5 named`, `from 15 in Europe/Berlin`. */

/** What comes after a word: something, or nothing. */
type Takes = Readonly<Record<string, 'value' | 'alone'>>;

/** `100 per minute` and `100 / 60s` are `100/minute` and `100/60s`. */
export function wordsOf(text: string): string[] {
	return text
		.trim()
		.replaceAll(/\s*(?:\/|\bper\b)\s*/gu, '/')
		.split(/\s+/u);
}

/** What follows each word that is there, or what is wrong, as a sentence. */
export function readWords<Word extends string>(
	words: readonly string[],
	takes: Takes & Readonly<Record<Word, unknown>>,
): {[Each in Word]?: string} | {problem: string} {
	const found: Record<string, string> = {};
	const rest = [...words];
	for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
		const takesWhat = Object.hasOwn(takes, word) ? takes[word] : undefined;
		if (takesWhat === undefined)
			return {problem: `${word} is not known there: ${known(takes)} are`};
		if (word in found) return {problem: `${word} is there twice`};
		const value = takesWhat === 'alone' ? '' : rest.shift();
		if (value === undefined) return {problem: `nothing comes after ${word}`};
		found[word] = value;
	}
	return found as {[Each in Word]?: string};
}

function known(takes: Takes): string {
	const names = Object.keys(takes);
	return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
