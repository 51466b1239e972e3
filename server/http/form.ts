import type {IncomingMessage} from 'node:http';
import {noBody, readBody, type ReadBody} from './body.ts';
import {isMediaType} from './media-type.ts';
import {Problem} from './problem.ts';

/**
 * Reads the parameters of an OAuth request (RFC 6749, 3.2): those without a value count as left
 * out, none may come twice.
 */
export async function readForm(request: IncomingMessage): Promise<ReadBody | Problem> {
	const read = await readBody(request, {
		isExpected: isForm,
		otherwise: 'Content-Type must be application/x-www-form-urlencoded',
	});
	if (read instanceof Problem) return read;
	const bytes = read ?? noBody.bytes;
	const text = bytes.toString('latin1');
	if (/[^\x20-\x7E]|%(?![\da-f]{2})/i.test(text)) {
		return new Problem('invalid_request', {message: 'The body is not form-urlencoded'});
	}
	const parameters = new URLSearchParams(text);
	const names = [...parameters.keys()];
	if (new Set(names).size < names.length) {
		return new Problem('invalid_request', {message: 'A parameter comes twice'});
	}
	const value = Object.fromEntries([...parameters].filter(([, given]) => given !== ''));
	return {bytes, value};
}

function isForm(contentType: string | undefined): boolean {
	return isMediaType(contentType, 'application/x-www-form-urlencoded');
}
