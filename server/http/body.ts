import type {IncomingMessage} from 'node:http';
import secureJson from 'secure-json-parse';
import {findJsonFault} from '../../core/json-text.ts';
import {Problem} from './problem.ts';

const mostBytes = 64 * 1024;

/**
 * Reads the JSON body of a request. Strict where the usual parsers are lenient: at most 64 KiB,
 * no content encoding, application/json in UTF-8 only, no invalid UTF-8, no `__proto__`, no
 * member twice, nesting of at most 32. An absent body counts as an empty object.
 *
 * @returns the parsed value, or the problem to answer
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
	const bytes =
		alreadyRead.get(request) ??
		(await readBody(request, {isExpected: isJson, otherwise: undefined}));
	if (bytes instanceof Problem) return bytes;
	return bytes === undefined ? {} : parseJson(bytes);
}

/**
 * Reads a body of at most 64 KiB without content encoding.
 *
 * @param type which Content-Type it must have, and what is said otherwise
 * @returns undefined when there is none, or the problem to answer
 */
export async function readBody(
	request: IncomingMessage,
	type: {isExpected: (contentType: string | undefined) => boolean; otherwise: string | undefined},
): Promise<Buffer | undefined | Problem> {
	const encoding = request.headers['content-encoding'];
	if (encoding !== undefined && encoding !== 'identity') return new Problem('content_encoding');
	const announced = Number(request.headers['content-length'] ?? 0);
	if (announced > mostBytes) return new Problem('body_too_large');
	const isEmpty = announced === 0 && request.headers['transfer-encoding'] === undefined;
	if (isEmpty) return undefined;
	if (!type.isExpected(request.headers['content-type'])) {
		const {otherwise: message} = type;
		return new Problem('unsupported_media_type', message === undefined ? {} : {message});
	}

	const chunks: Buffer[] = [];
	let size = 0;
	// Not destroyed on return: the refusal must still reach the client. Node discards the rest.
	const body: AsyncIterable<Buffer> = request.iterator({destroyOnReturn: false});
	for await (const chunk of body) {
		size += chunk.length;
		if (size > mostBytes) return new Problem('body_too_large');
		chunks.push(chunk);
	}
	return size === 0 ? undefined : Buffer.concat(chunks, size);
}

/** Bodies that were read before the application had the request. */
const alreadyRead = new WeakMap<IncomingMessage, Buffer>();

/** Leaves a body for `readJson` that somebody else has read. */
export function handOverBody(request: IncomingMessage, bytes: Buffer): void {
	alreadyRead.set(request, bytes);
}

export function isJson(contentType: string | undefined): boolean {
	return /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i.test(
		contentType?.trim() ?? '',
	);
}

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** @returns the value, or the problem to answer */
export function parseJson(bytes: Buffer): unknown {
	try {
		const text = utf8.decode(bytes);
		const fault = findJsonFault(text);
		if (fault === 'depth') {
			return new Problem('invalid_json', {message: 'Request body is nested too deeply'});
		}
		if (fault === 'duplicate') {
			return new Problem('invalid_json', {message: 'Request body names a member twice'});
		}
		return secureJson.parse(text, null, {protoAction: 'error', constructorAction: 'error'});
	} catch {
		return new Problem('invalid_json');
	}
}
