import {isAscii} from 'node:buffer';
import type {IncomingMessage} from 'node:http';
import secureJson from 'secure-json-parse';
import {findJsonFault, parsePlainJson} from '../../core/json-text.ts';
import {awaitedBodies} from './awaited-bodies.ts';
import {isMediaType} from './media-type.ts';
import {Problem} from './problem.ts';

export const mostBodyBytes = 64 * 1024;

/** A body as it came, and as it reads. */
export type ReadBody = {bytes: Buffer; value: unknown};

export const noBody: ReadBody = {bytes: Buffer.alloc(0), value: undefined};

/**
 * Reads the JSON body of a request. Strict where the usual parsers are lenient: at most 64 KiB,
 * no content encoding, application/json in UTF-8 only, no invalid UTF-8, no `__proto__`, no
 * member twice, nesting of at most 32. An absent body counts as an empty object.
 *
 * @param isExpected whether a Content-Type is right
 * @returns the body, or the problem to answer
 */
export async function readJson(
	request: IncomingMessage,
	isExpected = isJson,
): Promise<ReadBody | Problem> {
	const bytes =
		alreadyRead.get(request) ?? (await readBody(request, {isExpected, otherwise: undefined}));
	if (bytes instanceof Problem) return bytes;
	if (bytes === undefined) return {...noBody, value: {}};
	const value = parseJson(bytes);
	return value instanceof Problem ? value : {bytes, value};
}

type BodyType = {
	isExpected: (contentType: string | undefined) => boolean;
	/** What is said where it is not; absent: the sentence for JSON. */
	otherwise: string | undefined;
};

/**
 * Reads a body of at most 64 KiB without content encoding.
 *
 * @param type which Content-Type it must have, and what is said otherwise
 * @returns undefined when there is none, or the problem to answer
 */
export async function readBody(
	request: IncomingMessage,
	type: BodyType,
): Promise<Buffer | undefined | Problem> {
	const announced = Number(request.headers['content-length'] ?? 0);
	if (announced > mostBodyBytes) return new Problem('body_too_large');
	const isChunked = request.headers['transfer-encoding'] !== undefined;
	if (announced === 0 && !isChunked) return undefined;
	const fault = faultOfForm(request, type);
	// Chunks may come to nothing: then there is no body that could have a wrong form.
	if (fault !== undefined && !isChunked) return fault;

	const body = await readBytes(request, fault === undefined ? mostBodyBytes : 0);
	if (body instanceof Problem) return body.code === 'body_too_large' ? (fault ?? body) : body;
	return body.length === 0 ? undefined : body;
}

/**
 * Awaits a body, whatever it holds.
 *
 * @throws when the client goes away
 */
export async function readBytes(
	request: IncomingMessage,
	most = mostBodyBytes,
): Promise<Buffer | Problem> {
	const body = await awaitedBodies.read(request, most);
	if (body === 'too large') return new Problem('body_too_large');
	if (body === 'given up') return new Problem('overloaded', {headers: {Connection: 'close'}});
	return body;
}

function faultOfForm(request: IncomingMessage, type: BodyType): Problem | undefined {
	const encoding = request.headers['content-encoding'];
	if (encoding !== undefined && encoding !== 'identity') return new Problem('content_encoding');
	if (type.isExpected(request.headers['content-type'])) return undefined;
	const {otherwise: message} = type;
	return new Problem('unsupported_media_type', message === undefined ? {} : {message});
}

/** Bodies that were read, or not to be had, before the application had the request. */
const alreadyRead = new WeakMap<IncomingMessage, Buffer | Problem>();

/** Leaves a body for `readJson` that somebody else has read. */
export function handOverBody(request: IncomingMessage, bytes: Buffer | Problem): void {
	alreadyRead.set(request, bytes);
}

export function isJson(contentType: string | undefined): boolean {
	return isMediaType(contentType, 'application/json');
}

/** JSON, or a change by RFC 7396. */
export function isJsonOrMergePatch(contentType: string | undefined): boolean {
	return isJson(contentType) || isMediaType(contentType, 'application/merge-patch+json');
}

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** @returns the value, or the problem to answer */
export function parseJson(bytes: Buffer): unknown {
	try {
		const text = isAscii(bytes) ? bytes.toString('latin1') : utf8.decode(bytes);
		const plain = parsePlainJson(text);
		if (plain !== undefined) return plain;
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
