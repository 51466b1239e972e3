import {request as requestHttp, type IncomingMessage} from 'node:http';
import type {AttemptResult, Timings} from '../../contract/webhooks.ts';
import {codeOf, connect, SendFault, type Connection} from './connect.ts';
import type {TargetPolicy} from './targets.ts';

/** Longest wait for the whole attempt, in milliseconds; shorter than the lease of a delivery. */
const defaultTimeoutMs = 15_000;
/** Read of an answer before the connection is cut, and kept of it, in bytes. */
const mostRead = 16_384;
const mostKept = 4096;
const mostHeaders = 32;

export type SendOptions = {
	policy: TargetPolicy;
	ca: readonly string[];
	/** Whether answers from networks that an operator opened are kept, too. */
	keepsPrivateAnswers: boolean;
	/** Ends the attempt at once. */
	signal?: AbortSignal;
	/** Longest wait for the whole attempt, and of it for the connection, in milliseconds. */
	timeoutMs?: number;
	connectTimeoutMs?: number;
};

/** How one attempt went. Nothing in it comes from the URL but the address. */
export type Sent = {
	result: AttemptResult;
	detail: string | null;
	address: string | null;
	statusCode: number | null;
	timings: Timings;
	responseHeaders: Record<string, string> | null;
	responseBody: string | null;
	/** What `Retry-After` asks for. */
	retryAfterSeconds: number | undefined;
	/** What the header `webhook-delivery` asks for, or 410: send no more at all, or not this one. */
	stop: 'gone' | 'receiver' | 'message' | undefined;
};

/**
 * Sends one webhook. Follows no redirect, sends no cookies, decodes nothing, and ends at the
 * deadline however slowly the answer drips.
 *
 * @returns how it went; a fault of the receiver or the network is no exception
 */
export async function send(
	target: {url: string; headers: Record<string, string>; body: string},
	options: SendOptions,
): Promise<Sent> {
	const startedAt = performance.now();
	const timings = {dns: null, connect: null, tls: null, first_byte: null} as Timings;
	const deadline = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs);
	const signal =
		options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
	const total = () => Math.round((performance.now() - startedAt) * 10) / 10;
	let connection: Connection | undefined;
	try {
		const url = new URL(target.url);
		connection = await connect(url, {...options, signal, timings});
		const {socket, address, isPrivate} = connection;
		const answer = await exchange(url, target, connection, signal);
		timings.first_byte = total();
		const body = await readBody(answer, signal);
		socket.destroy();
		timings.total = total();
		const statusCode = answer.statusCode ?? 0;
		const isKept = !isPrivate || options.keepsPrivateAnswers;
		return {
			...judge(statusCode),
			address,
			statusCode,
			timings,
			responseHeaders: isKept ? headersOf(answer) : null,
			responseBody: isKept ? body : null,
			retryAfterSeconds: retryAfterSeconds(answer.headers),
			stop: stopOf(statusCode, answer.headers['webhook-delivery']),
		};
	} catch (error) {
		connection?.socket.destroy();
		timings.total = total();
		const {result, message: detail} = faultOf(error, signal);
		return notSent({result, detail, address: connection?.address ?? null, timings});
	}
}

/** How an attempt went of which no answer came. */
export function notSent(
	fault: Pick<Sent, 'result' | 'detail'> & Partial<Pick<Sent, 'address' | 'timings'>>,
): Sent {
	return {
		address: null,
		statusCode: null,
		timings: {dns: null, connect: null, tls: null, first_byte: null, total: 0},
		responseHeaders: null,
		responseBody: null,
		retryAfterSeconds: undefined,
		stop: undefined,
		...fault,
	};
}

function judge(statusCode: number): {result: AttemptResult; detail: string | null} {
	if (statusCode >= 200 && statusCode < 300) return {result: 'succeeded', detail: null};
	const isRedirect = statusCode >= 300 && statusCode < 400;
	return {
		result: 'http',
		detail: isRedirect
			? `status ${statusCode}: redirects are not followed`
			: `status ${statusCode}`,
	};
}

function exchange(
	url: URL,
	{headers, body}: {headers: Record<string, string>; body: string},
	{socket}: Connection,
	signal: AbortSignal,
): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const request = requestHttp({
			createConnection: () => socket,
			method: 'POST',
			path: `${url.pathname}${url.search}`,
			headers: {
				Host: url.host,
				...headers,
				'Content-Length': Buffer.byteLength(body),
				Connection: 'close',
			},
			signal,
			maxHeaderSize: mostRead,
		});
		request.once('response', resolve);
		// More than one error may come of one connection.
		request.on('error', reject);
		// All that comes of some answers, as of 101 to a request that asked for nothing of the kind.
		request.once('close', () => reject(new SendFault('reset', 'the connection ended')));
		request.end(body);
	});
}

/** The beginning of an answer; the rest is not waited for. */
function readBody(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
	return new Promise((resolve, reject) => {
		const late = new SendFault('timeout', 'the answer did not end in time');
		const chunks: Buffer[] = [];
		let length = 0;
		const end = () => {
			if (signal.aborted) return reject(late);
			const kept = Buffer.concat(chunks).subarray(0, mostKept).toString();
			resolve(kept.toWellFormed().replaceAll('\0', '\uFFFD'));
		};
		answer.on('data', (chunk: Buffer) => {
			chunks.push(chunk);
			length += chunk.length;
			if (length >= mostRead) {
				answer.destroy();
				end();
			}
		});
		answer.once('end', end);
		// The request is destroyed at the deadline, and with it the answer.
		answer.on('error', (error) => reject(signal.aborted ? late : error));
		answer.once('close', () => reject(new SendFault('reset', 'the answer was cut off')));
	});
}

function faultOf(error: unknown, signal: AbortSignal): SendFault {
	if (error instanceof SendFault) return error;
	if (signal.aborted) return new SendFault('timeout', 'no answer in time');
	return new SendFault('reset', `the connection broke (${codeOf(error)})`);
}

function headersOf(answer: IncomingMessage): Record<string, string> {
	const kept = Object.entries(answer.headers)
		.filter(([name]) => name !== 'set-cookie')
		.slice(0, mostHeaders)
		.map(([name, value]) => [name, String(value).slice(0, 256).toWellFormed()]);
	return Object.fromEntries(kept) as Record<string, string>;
}

/**
 * What `Retry-After` asks for (RFC 9110, 10.2.3), in seconds: it says so, or a date, which is of the
 * receiver's own clock. Undefined for anything else.
 */
function retryAfterSeconds({
	'retry-after': value,
	date = '',
}: IncomingMessage['headers']): number | undefined {
	if (value === undefined) return undefined;
	if (/^\d{1,9}$/.test(value)) return Number(value);
	const at = value.endsWith(' GMT') ? Date.parse(value) : NaN;
	if (Number.isNaN(at)) return undefined;
	const now = Date.parse(date);
	return Math.max(0, (at - (Number.isNaN(now) ? Date.now() : now)) / 1000);
}

function stopOf(statusCode: number, header: string | string[] | undefined): Sent['stop'] {
	if (statusCode === 410) return 'gone';
	if (header === 'disable') return 'receiver';
	return header === 'abort-message' ? 'message' : undefined;
}
