import {randomBytes} from 'node:crypto';

const processPart = randomBytes(8).toString('hex');
let count = 0;

/** An id no other request has: a random part for the process and a counter. */
export function nextRequestId(): string {
	count++;
	return `req_${processPart}${count.toString(36).padStart(8, '0')}`;
}
