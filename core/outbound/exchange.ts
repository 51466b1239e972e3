import {validateHeaderName, validateHeaderValue} from 'node:http';
import type {Socket} from 'node:net';
import {AnswerReader, type Body, type AnswerHead} from './answer.ts';
import {codeOf, OutboundFault} from './fault.ts';

export type Request = {
	method: string;
	url: URL;
	headers: Readonly<Record<string, string>>;
	body: string | undefined;
};

/**
 * Sends one request over a connection and reads its answer. Follows no redirect, sends no cookies,
 * decodes nothing, and ends when the signal aborts, however slowly the answer drips.
 *
 * @param options `most` bytes of the body are read; `onHead` hears when the head has come
 * @throws {OutboundFault}
 */
export async function exchange(
	socket: Socket,
	request: Request,
	options: {most: number; signal: AbortSignal; onHead?: () => void},
): Promise<AnswerHead & Body> {
	const {most, signal, onHead} = options;
	const end = () => socket.destroy();
	if (signal.aborted) end();
	signal.addEventListener('abort', end, {once: true});
	let late = 'no answer in time';
	try {
		const reader = new AnswerReader(socket);
		socket.write(textOf(request));
		const head = await reader.head();
		onHead?.();
		late = 'the answer did not end in time';
		return {...head, ...(await reader.body(head, most))};
	} catch (error) {
		if (signal.aborted) throw new OutboundFault('timeout', late);
		if (error instanceof OutboundFault) throw error;
		throw new OutboundFault('reset', `the connection broke (${codeOf(error)})`);
	} finally {
		signal.removeEventListener('abort', end);
		socket.destroy();
	}
}

/** The bytes of a request (RFC 9112, 3), for a connection that ends with it. */
function textOf({method, url, headers, body}: Request): string {
	const all = {
		host: url.host,
		...headers,
		...(body === undefined ? {} : {'content-length': String(Buffer.byteLength(body))}),
		connection: 'close',
	};
	const lines = Object.entries(all).map(([name, value]) => {
		validateHeaderName(name);
		validateHeaderValue(name, value);
		return `${name}: ${value}\r\n`;
	});
	return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}
