import {STATUS_CODES, type IncomingMessage, type ServerResponse} from 'node:http';
import {Socket} from 'node:net';
import {errors, headers, type ErrorCode} from '../contract/errors.ts';
import {nextRequestId} from './http/request-id.ts';

/** After our last byte, what still comes is thrown away for this long, so that no reset overtakes it. */
const lingerMs = 1000;

/** The newest request of a connection, its number there, and the answer before it while that is not complete. */
type Exchange = {
	request: IncomingMessage;
	response: ServerResponse;
	count: number;
	before: ServerResponse | undefined;
};

/** What is known of each connection that has brought a request. */
const latest = new WeakMap<Socket, Exchange>();
/** Connections that were refused: nothing that they bring is looked at any more. */
const refused = new WeakSet<Socket>();

/**
 * Notes a request that came.
 *
 * @returns undefined where the connection ends with an earlier answer: nobody would hear of its effect
 */
export function noteRequest(
	request: IncomingMessage,
	response: ServerResponse,
): Readonly<Exchange> | undefined {
	const {socket} = request;
	if (refused.has(socket)) return undefined;
	let exchange = latest.get(socket);
	if (exchange === undefined) {
		exchange = {request, response, count: 1, before: undefined};
		latest.set(socket, exchange);
		return exchange;
	}
	if (isLast(exchange.response)) return undefined;
	exchange.before = exchange.response.writableEnded ? undefined : exchange.response;
	exchange.request = request;
	exchange.response = response;
	exchange.count++;
	return exchange;
}

/**
 * Whether nobody would hear of a request that has waited: its client has gone, it was refused, or the
 * connection ends with the answer before.
 */
export function isUnheard(
	{socket}: IncomingMessage,
	response: ServerResponse,
	before: ServerResponse | undefined,
): boolean {
	if (socket.destroyed || response.headersSent) return true;
	if (before === undefined || !isLast(before)) return false;
	// Nor of what comes behind it.
	response.setHeader('Connection', 'close');
	return true;
}

/** Whether a connection ends with an answer. */
function isLast(response: ServerResponse): boolean {
	return response.getHeader('Connection') === 'close';
}

/**
 * Refuses what a connection brought: nothing that came with it or comes after it is looked at. What
 * was whole before it is answered first (RFC 9112, 9.3.2). A request that is refused in the middle
 * gets this as its answer, unless it has one; then the connection only ends.
 *
 * @param code undefined where the connection is gone
 */
export function refuse(socket: Socket, code: ErrorCode | undefined): void {
	if (refused.has(socket)) return;
	refused.add(socket);
	if (code === undefined) {
		socket.destroy();
		return;
	}
	stopReading(socket);
	const exchange = latest.get(socket);
	if (exchange === undefined) {
		answerBare(socket, code);
	} else if (exchange.request.complete) {
		afterwards(exchange.response, () => answerBare(socket, code));
	} else if (exchange.response.headersSent) {
		afterwards(exchange.response, () => endGently(socket));
	} else {
		const {request, response} = exchange;
		answerRequest(response, code);
		// Node thinks it done now, and would leave who reads its body waiting.
		const aborted = Object.assign(new Error('aborted'), {code: 'ECONNRESET'});
		socket.once('close', () => request.destroy(aborted));
	}
}

/**
 * Refuses what has not come in time. After a stall of ours, such as thousands of connections at
 * once, it may have come and lie unread with the operating system: it is read before that is said.
 */
export function refuseLate(socket: Socket): void {
	const before = latest.get(socket);
	const count = before?.count ?? 0;
	const isHalf = before?.request.complete === false;
	setImmediate(() => {
		const now = latest.get(socket);
		const hasCome = now?.request.complete === true && (isHalf || now.count > count);
		if (!hasCome) refuse(socket, 'request_timeout');
	});
}

/** Answers a request that is refused as a whole, and ends its connection. */
export function answerRequest(response: ServerResponse, code: ErrorCode): void {
	const {status, message} = errors[code];
	const body = JSON.stringify({error: message});
	// Where the application has begun with it, its log line has an id already.
	const requestId = response.getHeader(headers.requestId) ?? nextRequestId();
	// Set by itself: what is given to writeHead alone is not found again when the next request comes.
	response.setHeader('Connection', 'close');
	response.writeHead(status, {
		...plainHeaders(code),
		[headers.requestId]: requestId,
		'Content-Length': Buffer.byteLength(body),
	});
	response.end(body);
}

/**
 * What Node calls after the last answer of a connection. A client that is still sending, such as a
 * body that nobody wants, would have its answer overtaken by the reset.
 */
export function endSoon(this: Socket): void {
	if (refused.has(this) || latest.get(this)?.request.complete === false) endGently(this);
	else Socket.prototype.destroySoon.call(this);
}

function afterwards(response: ServerResponse, then: () => void): void {
	// Answers leave in the order of their requests: all are out when the last one is.
	if (response.closed) then();
	else response.once('close', then);
}

/** Takes the connection from Node's parser, which would go on with what comes. */
function stopReading(socket: Socket): void {
	socket.removeAllListeners('data');
	// Also takes back what the parser reads from the socket behind the stream's back.
	socket.on('data', () => {});
	socket.resume();
}

/** A client that keeps its side open does not keep ours. */
function endGently(socket: Socket): void {
	refused.add(socket);
	stopReading(socket);
	setTimeout(() => socket.destroy(), lingerMs).unref();
	socket.end();
}

/** Answers on the bare connection, where no request came about, and closes it. */
function answerBare(socket: Socket, code: ErrorCode): void {
	if (socket.writableEnded) return;
	const {status, message} = errors[code];
	const body = JSON.stringify({error: message});
	const lines = Object.entries({
		...plainHeaders(code),
		[headers.requestId]: nextRequestId(),
		Date: new Date().toUTCString(),
		'Content-Length': String(Buffer.byteLength(body)),
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
	endGently(socket);
}

function plainHeaders(code: ErrorCode): Record<string, string> {
	return {
		Connection: 'close',
		'Cache-Control': 'no-store',
		'Content-Type': 'application/json; charset=utf-8',
		'X-Content-Type-Options': 'nosniff',
		[headers.errorCode]: code,
	};
}
