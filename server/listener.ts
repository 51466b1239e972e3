import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import {Server as NetServer, type Socket} from 'node:net';
import type {Duplex} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import type {ErrorCode} from '../contract/errors.ts';
import type {ServerConfig} from '../core/config/config.ts';
import {answerRequest, endSoon, noteRequest, refuse, refuseLate} from './connections.ts';
import type {Metrics} from './metrics/metrics.ts';
import {inShortTurns} from './turns.ts';

const mostRequestsPerConnection = 1000;
/** A connection is kept this much longer than a client is told: a request may be on its way. */
const keepAliveGraceMs = 10_000;

/**
 * The HTTP server with every bound set: Node's own defaults let a client that sends a byte now
 * and then hold a connection for minutes.
 */
export function createListener(
	handle: (request: IncomingMessage, response: ServerResponse) => void,
	config: ServerConfig,
	metrics: Metrics,
	draining: {readonly isDraining: boolean},
): Server {
	const begin = inShortTurns(handle);
	const server = createServer(
		{
			headersTimeout: 5000,
			requestTimeout: 10_000,
			connectionsCheckingInterval: 1000,
			// Longer than the idle time of usual balancers, so that they, not we, close first.
			keepAliveTimeout: config.keepAliveSeconds * 1000,
			keepAliveTimeoutBuffer: keepAliveGraceMs,
			// Who is gone without a word does not hold a connection for as long.
			keepAlive: true,
			keepAliveInitialDelay: 60_000,
			maxHeaderSize: 16 * 1024,
			// protocol() does it, with the answer that everything else gets.
			requireHostHeader: false,
			insecureHTTPParser: false,
			// No stream is kept alive for a body that was not announced: most requests have none.
			optimizeEmptyRequests: true,
		},
		(request, response) => {
			const noted = noteRequest(request, response);
			if (noted === undefined) return;
			const {count, before} = noted;
			// Node says `close` by itself in the last answer, but then leaves the connection open. One that is
			// kept leads here for as long as it is used, whatever a balancer knows.
			if (count === mostRequestsPerConnection || draining.isDraining || !server.listening) {
				response.setHeader('Connection', 'close');
			}
			begin(request, response, before);
		},
	);
	server.maxRequestsPerSocket = mostRequestsPerConnection;
	server.maxConnections = config.maxConnections;
	server.on('drop', () => metrics.connectionsDropped.inc());
	// A client that has said all it has to say still gets its answer (`shutdown` of its side).
	(server as {httpAllowHalfOpen?: boolean}).httpAllowHalfOpen = true;
	server.on('connection', (socket: Socket) => {
		socket.destroySoon = endSoon;
	});
	server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
		if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseLate(socket as Socket);
		else refuse(socket as Socket, clientErrorCode(error));
	});
	server.on('connect', ({socket}) => refuse(socket, 'method_unknown'));
	// No 'upgrade' listener: Node then ignores an offer to change the protocol, such as the h2c of
	// some clients' first request, and the request is answered in HTTP/1.1.
	server.on('checkExpectation', (request, response) => {
		if (noteRequest(request, response) !== undefined) answerRequest(response, 'expectation_failed');
	});
	return server;
}

/** @throws the error of the operating system, such as EADDRINUSE */
export function startListening(server: Server, config: ServerConfig): Promise<void> {
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

/** What Node's parser stumbled over. */
type ParserError = NodeJS.ErrnoException & {rawPacket?: Buffer; bytesParsed?: number};

function clientErrorCode(error: ParserError): ErrorCode | undefined {
	if (error.code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
	if (error.code === 'HPE_INVALID_METHOD' && isRequest(error)) return 'method_unknown';
	if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return undefined;
	return 'bad_request';
}

/** Whether what is wrong stands in a well-formed request line, as those of another protocol do not. */
function isRequest({rawPacket, bytesParsed = 0}: ParserError): boolean {
	if (rawPacket === undefined) return false;
	// Whole requests may stand before it.
	const start = bytesParsed === 0 ? 0 : rawPacket.lastIndexOf('\n', bytesParsed - 1) + 1;
	const line = rawPacket.toString('latin1', start, start + 2048);
	return /^[A-Z][A-Z-]{0,30} \/\S* HTTP\/1\.[01]\r\n/.test(line);
}
