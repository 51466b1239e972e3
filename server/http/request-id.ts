import {randomBytes} from 'node:crypto';

const processPart = randomBytes(8).toString('hex');

/** The last two digits in base 36, written out once: only the rest is made anew now and then. */
const lastDigits = Array.from({length: 36 ** 2}, (_, count) => digits(count, 2));
let count = 0;
let prefix = prefixOf(0);

/** An id no other request has: a random part for the process and a counter. */
export function nextRequestId(): string {
	count++;
	const last = count % lastDigits.length;
	if (last === 0) prefix = prefixOf(count);
	return prefix + lastDigits[last];
}

function prefixOf(countNow: number): string {
	return `req_${processPart}${digits(Math.floor(countNow / lastDigits.length), 6)}`;
}

function digits(value: number, length: number): string {
	return value.toString(36).padStart(length, '0');
}
