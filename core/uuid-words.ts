/** Numbers of 32 bits that a UUID takes. */
export const uuidWords = 4;
/** Characters of its text. */
export const uuidLength = 36;

const hyphen = 0x2d;
const digits = Buffer.from('0123456789abcdef');
/** By character code; -1: not a digit as PostgreSQL writes it. */
const values = Int8Array.from({length: 128}, (_, code) => digits.indexOf(code));

/**
 * Writes a UUID as numbers: strings by the hundred thousand would take four times the memory, and each
 * would be one more thing for the collector to visit. No loops here: all of it is done at each use of a key.
 *
 * @param text in small letters, as PostgreSQL writes it
 * @param at where its words begin
 * @returns whether it is one; nothing that counts was written where it is not
 */
export function writeUuid(text: string, words: Uint32Array, at: number): boolean {
	if (text.length !== uuidLength) return false;
	const isHyphened =
		text.charCodeAt(8) === hyphen &&
		text.charCodeAt(13) === hyphen &&
		text.charCodeAt(18) === hyphen &&
		text.charCodeAt(23) === hyphen;
	const [a, b, c, d] = [
		readGroup(text, 0),
		readGroup(text, 4),
		readGroup(text, 9),
		readGroup(text, 14),
	];
	const [e, f, g, h] = [
		readGroup(text, 19),
		readGroup(text, 24),
		readGroup(text, 28),
		readGroup(text, 32),
	];
	if (!isHyphened || (a | b | c | d | e | f | g | h) < 0) return false;
	words[at] = (a << 16) | b;
	words[at + 1] = (c << 16) | d;
	words[at + 2] = (e << 16) | f;
	words[at + 3] = (g << 16) | h;
	return true;
}

/** @returns the text that was given to `writeUuid` */
export function readUuid(words: Uint32Array, at: number): string {
	writeUuidText(words, at, scratch);
	return scratch.toString('latin1');
}

const scratch = Buffer.alloc(uuidLength);

/** Writes the text that was given to `writeUuid`. @param text where it begins */
export function writeUuidText(words: Uint32Array, at: number, text: Buffer): void {
	const [a = 0, b = 0, c = 0, d = 0] = [words[at], words[at + 1], words[at + 2], words[at + 3]];
	writeGroup(a >>> 16, text, 0);
	writeGroup(a, text, 4);
	text[8] = hyphen;
	writeGroup(b >>> 16, text, 9);
	text[13] = hyphen;
	writeGroup(b, text, 14);
	text[18] = hyphen;
	writeGroup(c >>> 16, text, 19);
	text[23] = hyphen;
	writeGroup(c, text, 24);
	writeGroup(d >>> 16, text, 28);
	writeGroup(d, text, 32);
}

/** Four digits; below 0: one of them is none. */
function readGroup(text: string, at: number): number {
	return (
		(digit(text, at) << 12) |
		(digit(text, at + 1) << 8) |
		(digit(text, at + 2) << 4) |
		digit(text, at + 3)
	);
}

function digit(text: string, at: number): number {
	return values[text.charCodeAt(at)] ?? -1;
}

/** The last 16 bits. */
function writeGroup(value: number, text: Buffer, at: number): void {
	text[at] = digits[(value >>> 12) & 15] ?? 0;
	text[at + 1] = digits[(value >>> 8) & 15] ?? 0;
	text[at + 2] = digits[(value >>> 4) & 15] ?? 0;
	text[at + 3] = digits[value & 15] ?? 0;
}
