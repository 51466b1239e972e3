/*
 * One request over HTTP and its answer: the only network code of the console. node:http rather than
 * fetch: the latter costs 90 ms of CPU before the first paint, and one keep-alive connection is all
 * a console needs.
 */
import type http from 'node:http';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {version} from '../version.ts';
import {certificateTrouble, readAuthorities} from './certificates.ts';

/*
 * Not imported: an import reads each export of the module, and one of node:http's is the whole of
 * undici. node:https only where it is spoken.
 */
const nodeHttp = process.getBuiltinModule('node:http');
const nodeHttps = () => process.getBuiltinModule('node:https');

/** What the list of sessions calls a log-in from here. */
const userAgent = `latchkey/${version()}`;

const largestAnswer = 256 * 1024 * 1024;

export type Request = {
	method: string;
	path: string;
	headers: Record<string, string>;
	body?: string | undefined;
};

export type Reply = {status: number; headers: http.IncomingHttpHeaders; text: string};

/** Where requests go, and the connections kept to it. */
type Server = {url: URL; agent: http.Agent; isSecure: boolean; caFile: string | undefined};

/** @throws {Failure} usage, when the authority's file is none. */
export function serverAt(url: URL, caFile?: string): Server {
	const isSecure = url.protocol === 'https:';
	const options = {keepAlive: true, maxSockets: 4};
	const agent = isSecure
		? new (nodeHttps().Agent)({
				...options,
				...(caFile === undefined ? {} : {ca: readAuthorities(caFile)}),
			})
		: new nodeHttp.Agent(options);
	return {url, agent, isSecure, caFile};
}

type Exchange = Request & {server: Server; timeout: number};

/** What is done with an answer whose headers are there; the time of a request ends with it. */
export type Receive<R> = (response: http.IncomingMessage) => Promise<R>;

export async function exchange<R>(options: Exchange, receive: Receive<R>): Promise<R> {
	try {
		return await exchangeOnce(options, receive);
	} catch (error) {
		// The server closed an idle connection just as it was used again: nothing was processed.
		const stale = error instanceof StaleSocketError && options.method === 'GET';
		if (!stale) throw lost(error, options.server);
		return exchangeOnce(options, receive).catch((again: unknown) =>
			Promise.reject(lost(again, options.server)),
		);
	}
}

class StaleSocketError extends Error {}

function exchangeOnce<R>(options: Exchange, receive: Receive<R>): Promise<R> {
	const {url, agent, isSecure} = options.server;
	const base = url.pathname.replace(/\/$/, '');
	return new Promise((resolve, reject) => {
		const request = (isSecure ? nodeHttps() : nodeHttp).request({
			agent,
			protocol: url.protocol,
			hostname: url.hostname.replace(/^\[|\]$/g, ''),
			port: url.port,
			method: options.method,
			path: base + options.path,
			headers: {
				'User-Agent': userAgent,
				...options.headers,
				...(options.body === undefined ? {} : {'Content-Length': Buffer.byteLength(options.body)}),
			},
		});
		const patience = setTimeout(() => {
			request.destroy(new Error(`no answer within ${options.timeout / 1000} seconds`));
		}, options.timeout);
		request.on('error', (error: NodeJS.ErrnoException) => {
			clearTimeout(patience);
			const stale = request.reusedSocket && error.code === 'ECONNRESET';
			reject(stale ? new StaleSocketError(error.message) : error);
		});
		request.on('response', (response) => {
			receive(response)
				.finally(() => clearTimeout(patience))
				.then(resolve, reject);
		});
		request.end(options.body);
	});
}

export async function whole(response: http.IncomingMessage): Promise<Reply> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > largestAnswer) throw new Error('the answer is too large');
		chunks.push(chunk);
	}
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		text: Buffer.concat(chunks).toString('utf8'),
	};
}

/** What arrives, as long as it does: it may take as long as it is, but not stand still. */
export async function* arriving(
	response: http.IncomingMessage,
	timeout: number,
): AsyncGenerator<Buffer, void, void> {
	response.setTimeout(timeout, () => {
		response.destroy(new Error(`nothing came for ${timeout / 1000} seconds`));
	});
	try {
		for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
	} catch (error) {
		throw lost(error);
	}
}

const reasons: Record<string, string> = {
	ECONNREFUSED: 'nothing listens there',
	ECONNRESET: 'the connection was cut',
	ENOTFOUND: 'the name is not known',
	EAI_AGAIN: 'the name cannot be looked up now',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'the network cannot be reached',
	ETIMEDOUT: 'the connection timed out',
	EPROTO: 'it does not speak TLS',
	ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
};

function lost(error: unknown, server?: Server): Failure {
	if (error instanceof Failure) return error;
	const {code, message} = error as NodeJS.ErrnoException;
	const trouble = certificateTrouble(error as NodeJS.ErrnoException, server?.caFile);
	const reason =
		trouble?.reason ??
		reasons[code ?? ''] ??
		(message === '' ? (code ?? 'no reason given') : message);
	return new Failure('unreachable', `Cannot reach the server: ${clean(reason)}`, {
		reason: clean(reason),
		hint: trouble?.hint,
	});
}
