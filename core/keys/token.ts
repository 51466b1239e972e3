import {hash, randomBytes} from 'node:crypto';
import {crc32} from 'node:zlib';

/** A whole API key as its holder has it. Only this module makes or reads one. */
export type PlainKey = string & {readonly brand: 'PlainKey'};

/** SHA-256 of a whole API key, 32 bytes: the only form that is stored or looked up. */
export type KeyHash = Buffer & {readonly brand: 'KeyHash'};

/** The same hash as a binary string, one character a byte: the cheapest form to look up in a Map. */
export type KeyHashText = string & {readonly brand: 'KeyHashText'};

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** By character code: a look-up each costs less than half of a regular expression. */
const isOfAlphabet = Uint8Array.from({length: 128}, (_, code) =>
	alphabet.includes(String.fromCharCode(code)) ? 1 : 0,
);
const randomLength = 43;
const checksumLength = 6;
const hintLength = 6;

/**
 * Makes, recognises and hashes API keys: the prefix, 43 base62 characters from the system's
 * random source (256 bits) and 6 base62 digits of the CRC-32 of what stands before. The checksum
 * is not a secret: it lets a mistyped or cut-off key be refused without a look-up.
 */
export function createKeyFormat(prefix: string) {
	const length = prefix.length + randomLength + checksumLength;

	return {
		prefix,

		generate(): PlainKey {
			const body = prefix + randomText(randomLength);
			return (body + checksum(body)) as PlainKey;
		},

		/** The key, or undefined where prefix, length, alphabet or checksum are wrong. */
		parse(text: string): PlainKey | undefined {
			if (text.length !== length || !text.startsWith(prefix)) return undefined;
			for (let i = prefix.length; i < length; i++) {
				if (isOfAlphabet[text.charCodeAt(i)] !== 1) return undefined;
			}
			return hasChecksum(text) ? (text as PlainKey) : undefined;
		},

		/** What may be shown of a key later: prefix and first six random characters. */
		hint(key: PlainKey): string {
			return key.slice(0, prefix.length + hintLength);
		},
	};
}

export type KeyFormat = ReturnType<typeof createKeyFormat>;

export function hashKey(key: PlainKey): KeyHash {
	return hash('sha256', key, 'buffer') as KeyHash;
}

export function hashKeyToText(key: PlainKey): KeyHashText {
	return hash('sha256', key, 'latin1') as KeyHashText;
}

/** Compares digit by digit, from the last: done at each use, it makes no text. */
function hasChecksum(key: string): boolean {
	const end = key.length - checksumLength;
	let value = crc32(key.slice(0, end));
	for (let i = key.length - 1; i >= end; i--) {
		if (key.charCodeAt(i) !== alphabet.charCodeAt(value % 62)) return false;
		value = Math.floor(value / 62);
	}
	return true;
}

function checksum(text: string): string {
	let value = crc32(text);
	let digits = '';
	for (let i = 0; i < checksumLength; i++) {
		digits = alphabet.charAt(value % 62) + digits;
		value = Math.floor(value / 62);
	}
	return digits;
}

/** Base62 text; bytes of 248 and more are thrown away, so that every character is equally likely. */
export function randomText(length: number): string {
	let text = '';
	while (text.length < length) {
		for (const byte of randomBytes(length * 2)) {
			if (byte < 248 && text.length < length) text += alphabet.charAt(byte % 62);
		}
	}
	return text;
}
