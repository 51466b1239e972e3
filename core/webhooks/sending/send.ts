import type {AttemptResult, Timings} from '../../../contract/webhooks.ts';
import {headerOf, type AnswerHead} from '../../outbound/answer.ts';
import {connect, whyBlocked, type Connection, type Outbound} from '../../outbound/connect.ts';
import {exchange} from '../../outbound/exchange.ts';
import {OutboundFault} from '../../outbound/fault.ts';
import type {Names} from '../../outbound/names.ts';
import type {Proxy} from '../../outbound/proxy.ts';
import {judgeName, judgeTarget, type TargetPolicy} from './targets.ts';

/** Longest wait for the whole attempt, in milliseconds; shorter than the lease of a delivery. */
const defaultTimeoutMs = 15_000;
/** Longest wait for a name when an endpoint is only being set up. */
const lookUpTimeoutMs = 1000;
/** Read of an answer before the connection is cut, and kept of it, in bytes. */
const mostRead = 16_384;
const mostKept = 4096;
const mostHeaders = 32;
/** What is said of a fault that nobody foresaw. */
const broken = new OutboundFault('reset', 'the connection broke (unknown)');

export type SendOptions = {
	policy: TargetPolicy;
	names: Names;
	proxy: Proxy | undefined;
	ca: readonly string[];
	/** Whether answers from networks that an operator opened are kept, too. */
	keepsPrivateAnswers: boolean;
	/** The time by the clock that all programs share, in milliseconds since the epoch. */
	now: () => number;
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
 * @returns how it went; a fault of the receiver or the network is not an exception
 */
export async function send(
	target: {organisationId: string; url: string; headers: Record<string, string>; body: string},
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
		const outbound = outboundOf(target.organisationId, options);
		connection = await connect(url, {...options, ...outbound, signal, timings});
		const {socket, address, isPrivate} = connection;
		const answer = await exchange(
			socket,
			{method: 'POST', url, headers: target.headers, body: target.body},
			{most: mostRead, signal, onHead: () => (timings.first_byte = total())},
		);
		timings.total = total();
		const {statusCode} = answer;
		const isKept = !isPrivate || options.keepsPrivateAnswers;
		return {
			...outcomeOf(statusCode),
			address,
			statusCode,
			timings,
			responseHeaders: isKept ? headersOf(answer) : null,
			responseBody: isKept ? textOf(answer.bytes) : null,
			retryAfterSeconds: retryAfterSeconds(answer, options.now()),
			stop: stopOf(statusCode, headerOf(answer, 'webhook-delivery')),
		};
	} catch (error) {
		connection?.socket.destroy();
		timings.total = total();
		const {kind: result, message: detail} = error instanceof OutboundFault ? error : broken;
		return notSent({result, detail, address: connection?.address ?? null, timings});
	}
}

/**
 * Whether a URL leads somewhere that nothing may be sent to, as far as can be said now. This is for
 * a helpful answer; `connect` is what keeps everything away from there.
 *
 * @returns why, and which setting would allow it; undefined: nothing is known against it
 */
export async function whyForbidden(
	url: URL,
	organisationId: string,
	options: SendOptions,
): Promise<string | undefined> {
	const signal = AbortSignal.timeout(lookUpTimeoutMs);
	return whyBlocked(url, outboundOf(organisationId, options), signal);
}

function outboundOf(organisationId: string, {policy, names, proxy, ca}: SendOptions): Outbound {
	return {
		names,
		proxy,
		party: organisationId,
		judge: (target) => judgeTarget(policy, target),
		judgeName: (target) => judgeName(policy, target),
		ca,
	};
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

function outcomeOf(statusCode: number): {result: AttemptResult; detail: string | null} {
	if (statusCode >= 200 && statusCode < 300) return {result: 'succeeded', detail: null};
	const isRedirect = statusCode >= 300 && statusCode < 400;
	return {
		result: 'http',
		detail: isRedirect
			? `status ${statusCode}: redirects are not followed`
			: `status ${statusCode}`,
	};
}

/** The beginning of a body, as PostgreSQL takes it. */
function textOf(bytes: Buffer): string {
	return bytes.subarray(0, mostKept).toString().replaceAll('\0', '\uFFFD');
}

function headersOf({headers}: AnswerHead): Record<string, string> {
	const kept = [...headers]
		.filter(([name]) => name !== 'set-cookie' && /^[!-~]{1,256}$/.test(name))
		.slice(0, mostHeaders)
		.map(([name, values]) => [
			name,
			// Nothing that a terminal or PostgreSQL would stumble on.
			values
				.join(', ')
				.slice(0, 256)
				.replaceAll(/[^\t -~\u0080-\uFFFF]/g, '\uFFFD'),
		]);
	return Object.fromEntries(kept) as Record<string, string>;
}

/**
 * What `Retry-After` asks for (RFC 9110, 10.2.3), in seconds: it says so, or a date, which is of the
 * receiver's own clock, and of ours where it does not tell its time. Undefined for anything else.
 */
function retryAfterSeconds(head: AnswerHead, ownNow: number): number | undefined {
	const value = headerOf(head, 'retry-after');
	if (value === undefined) return undefined;
	if (/^\d{1,9}$/.test(value)) return Number(value);
	const at = value.endsWith(' GMT') ? Date.parse(value) : NaN;
	if (Number.isNaN(at)) return undefined;
	const now = Date.parse(headerOf(head, 'date') ?? '');
	return Math.max(0, (at - (Number.isNaN(now) ? ownNow : now)) / 1000);
}

function stopOf(statusCode: number, header: string | undefined): Sent['stop'] {
	if (statusCode === 410) return 'gone';
	if (header === 'disable') return 'receiver';
	return header === 'abort-message' ? 'message' : undefined;
}
