import {
	createServer,
	STATUS_CODES,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import {Server as NetServer} from 'node:net';
import type {Duplex} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {errors, headers, type ErrorCode} from '../contract/errors.ts';
import type {ServerConfig} from '../core/config/config.ts';
import {nextRequestId} from './http/request-id.ts';
import type {Metrics} from './metrics.ts';

const mostRequestsPerConnection = 1000;
const refusalLingerMs = 1000;

/** The newest request of a connection, and its number there. */
type Exchange = {request: IncomingMessage; response: ServerResponse; count: number};

/**
 * The HTTP server with every bound set: Node's own defaults let a client that sends a byte now
 * and then hold a connection for minutes.
 */
export function createListener(
	handle: (request: IncomingMessage, response: ServerResponse) => void,
	config: ServerConfig,
	metrics: Metrics,
): Server {
	const latest = new WeakMap<Duplex, Exchange>();
	const server = createServer(
		{
			headersTimeout: 5000,
			requestTimeout: 10_000,
			connectionsCheckingInterval: 1000,
			// Longer than the idle time of usual proxies, so that they, not we, close first.
			keepAliveTimeout: 65_000,
			maxHeaderSize: 16 * 1024,
			// protocol() does it, with the answer that everything else gets.
			requireHostHeader: false,
			insecureHTTPParser: false,
			// No stream is kept alive for a body that was not announced: most requests have none.
			optimizeEmptyRequests: true,
		},
		(request, response) => {
			const {socket} = request;
			const exchange = latest.get(socket);
			// It stood behind a request whose answer ends the connection: nobody would hear of its effect.
			if (exchange?.response.getHeader('Connection') === 'close') return;
			const count = (exchange?.count ?? 0) + 1;
			if (exchange === undefined) {
				latest.set(socket, {request, response, count});
			} else {
				exchange.request = request;
				exchange.response = response;
				exchange.count = count;
			}
			// Node says `close` by itself in the last answer, but then leaves the connection open.
			if (count === mostRequestsPerConnection || !server.listening) {
				response.setHeader('Connection', 'close');
			}
			handle(request, response);
		},
	);
	server.maxRequestsPerSocket = mostRequestsPerConnection;
	server.maxConnections = config.maxConnections;
	server.on('drop', () => metrics.connectionsDropped.inc());
	server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
		const answer = () => refuse(socket, clientErrorCode(error));
		const exchange = latest.get(socket);
		// What is wrong came after a whole request: that one is answered first (RFC 9112, 9.3.2).
		if (exchange?.request.complete && !exchange.response.writableEnded) {
			exchange.response.once('close', answer);
		} else {
			answer();
		}
	});
	server.on('connect', (_request, socket: Duplex) => refuse(socket, 'method_unknown'));
	// No 'upgrade' listener: Node then ignores an offer to change the protocol, such as the h2c of
	// some clients' first request, and the request is answered in HTTP/1.1.
	server.on('checkExpectation', (request, response) => {
		latest.set(request.socket, {request, response, count: mostRequestsPerConnection});
		response.setHeader('Connection', 'close');
		const body = JSON.stringify({error: errors.expectation_failed.message});
		response.writeHead(errors.expectation_failed.status, {
			...plainHeaders('expectation_failed'),
			'Content-Length': Buffer.byteLength(body),
		});
		response.end(body);
	});
	return server;
}

/** @throws the error of the operating system, such as EADDRINUSE */
export function listen(server: Server, config: ServerConfig): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', reject);
		const address = config.listenHost === undefined ? {} : {host: config.listenHost};
		server.listen({port: config.port, backlog: 1024, ...address}, () => {
			server.off('error', reject);
			resolve();
		});
	});
}

/** A kept connection may bring a request this long after the end began; its answer ends it. */
const drainLingerMs = 500;

/**
 * Takes no new connections and waits for the requests in hand. Kept connections end with their next
 * answer; those that bring no request in a while are closed when they are idle.
 *
 * @returns whether all were done within `timeoutMs`
 */
export async function drain(server: Server, timeoutMs: number): Promise<boolean> {
	// The close of node:http cuts idle connections at once, on which a request may be on its way.
	const closed = new Promise<true>((resolve) => {
		NetServer.prototype.close.call(server, () => resolve(true));
	});
	const startedAt = performance.now();
	const timer = setInterval(() => {
		if (performance.now() - startedAt > drainLingerMs) server.closeIdleConnections();
	}, 100);
	const isDone = await Promise.race([closed, sleep(timeoutMs, false, {ref: false})]);
	clearInterval(timer);
	if (!isDone) server.closeAllConnections();
	return isDone;
}

function clientErrorCode(
	error: NodeJS.ErrnoException & {rawPacket?: Buffer},
): ErrorCode | undefined {
	if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
	if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout';
	if (error.code === 'HPE_INVALID_METHOD' && isRequest(error.rawPacket)) return 'method_unknown';
	if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return undefined;
	return 'bad_request';
}

/** Whether bytes begin with a well-formed request line, as those of another protocol do not. */
function isRequest(packet: Buffer | undefined): boolean {
	return /^[A-Z][A-Z-]{0,30} \/\S* HTTP\/1\.[01]\r\n/.test(
		packet?.toString('latin1', 0, 2048) ?? '',
	);
}

function plainHeaders(code: ErrorCode): Record<string, string> {
	return {
		Connection: 'close',
		'Cache-Control': 'no-store',
		'Content-Type': 'application/json; charset=utf-8',
		'X-Content-Type-Options': 'nosniff',
		[headers.requestId]: nextRequestId(),
		[headers.errorCode]: code,
	};
}

/**
 * Answers on the bare connection, where no request came about, and closes it. What still comes is
 * thrown away for a moment, as a reset would overtake the answer; a client that keeps its side open
 * does not keep ours.
 */
function refuse(socket: Duplex, code: ErrorCode | undefined): void {
	if (socket.writableEnded) return;
	if (code === undefined || !socket.writable) {
		socket.destroy();
		return;
	}
	setTimeout(() => socket.destroy(), refusalLingerMs).unref();
	socket.resume();
	const {status, message} = errors[code];
	const body = JSON.stringify({error: message});
	const lines = Object.entries({
		...plainHeaders(code),
		Date: new Date().toUTCString(),
		'Content-Length': String(Buffer.byteLength(body)),
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}
