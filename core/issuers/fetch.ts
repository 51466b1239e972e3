import {brotliDecompressSync, gunzipSync, inflateSync} from 'node:zlib';
import {headerOf, type Body, type AnswerHead} from '../outbound/answer.ts';
import {connect, type Outbound} from '../outbound/connect.ts';
import {exchange} from '../outbound/exchange.ts';
import {OutboundFault} from '../outbound/fault.ts';

/** A provider that takes longer, or sends more, is treated as one that is away. */
const timeoutMs = 3000;
/** Name servers that cannot ask the internet may be silent: the proxy needs most of that time. */
const lookUpMs = 1000;
const mostBytes = 64 * 1024;

/** A provider could not be asked, or its answer is no use. Never holds what it sent. */
export class ProviderFault extends Error {}

type Options = {
	method?: string;
	headers?: Record<string, string>;
	body?: URLSearchParams | undefined;
};

/**
 * Asks a provider: no redirects, 3 s, at most 64 KiB of answer, which is in memory when this
 * returns.
 *
 * @throws {ProviderFault}
 */
export type AskProvider = (address: string, options?: Options) => Promise<Response>;

/** @param outbound how providers are reached */
export function createProviderAsker({
	names,
	proxy,
}: Pick<Outbound, 'names' | 'proxy'>): AskProvider {
	return async (address, {method = 'GET', headers = {}, body} = {}) => {
		const url = new URL(address);
		const form = {'content-type': 'application/x-www-form-urlencoded;charset=UTF-8'};
		const request = {
			method,
			url,
			headers: {...(body && form), ...headers, 'accept-encoding': 'identity'},
			body: body?.toString(),
		};
		const signal = AbortSignal.timeout(timeoutMs);
		const to = {names, proxy, party: url.host, judge: anywhere, judgeName: anywhere, ca: []};
		try {
			const {socket} = await connect(url, {...to, lookUpMs, signal, timings});
			return responseOf(await exchange(socket, request, {most: mostBytes + 1, signal}));
		} catch (error) {
			if (!(error instanceof OutboundFault)) throw error;
			throw new ProviderFault(`no answer (${error.message})`);
		}
	};
}

/** An operator names providers, so they may be anywhere. */
const anywhere = () => ({isAllowed: true, isPrivate: false}) as const;
/** Nobody asks how long it took. */
const timings = {dns: null, connect: null, tls: null};

/** @throws {ProviderFault} */
export async function fetchJson(ask: AskProvider, address: string): Promise<unknown> {
	const answer = await ask(address, {headers: {accept: 'application/json'}});
	if (answer.status !== 200) throw new ProviderFault(`an answer of status ${answer.status}`);
	try {
		return await answer.json();
	} catch {
		throw new ProviderFault('an answer that is not JSON');
	}
}

/** An answer with the headers that somebody reads. */
function responseOf(answer: AnswerHead & Body): Response {
	const {statusCode: status} = answer;
	if (status >= 300 && status < 400 && status !== 304) {
		throw new ProviderFault('no answer (redirect)');
	}
	if (answer.bytes.length > mostBytes) throw new ProviderFault('an answer of more than 64 KiB');
	const kept = ['content-type', 'www-authenticate'].flatMap((name): [string, string][] => {
		const value = headerOf(answer, name);
		return value === undefined ? [] : [[name, value]];
	});
	const bytes = decoded(answer.bytes, headerOf(answer, 'content-encoding'));
	return new Response(status === 204 || status === 304 ? null : Buffer.from(bytes), {
		status,
		headers: kept,
	});
}

const decoders = {gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync};

/** Some compress although they were asked not to. @throws {ProviderFault} */
function decoded(bytes: Buffer, encoding = 'identity'): Buffer {
	const name = encoding.toLowerCase();
	if (name === 'identity' || name === '') return bytes;
	const decode = decoders[name as keyof typeof decoders] as typeof gunzipSync | undefined;
	try {
		if (decode !== undefined) return decode(bytes, {maxOutputLength: mostBytes});
	} catch {}
	throw new ProviderFault('an answer that cannot be unpacked');
}
