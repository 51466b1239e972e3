import {lookup} from 'node:dns/promises';
import {connect as connectTcp, isIP, type Socket} from 'node:net';
import {connect as connectTls, rootCertificates} from 'node:tls';
import type {AttemptResult} from '../../contract/webhooks.ts';
import {judgeTarget, type TargetPolicy} from './targets.ts';

/** Longest wait for name, connection and TLS together, in milliseconds. */
const defaultConnectTimeoutMs = 5000;
/** Of several addresses of a name, each but the last is tried for so long. */
const nextAddressMs = 1000;
/** Longest wait for a name when an endpoint is only being set up. */
const lookUpTimeoutMs = 1000;

/** Why nothing could be sent. `detail` holds no part of the URL but its address. */
export class SendFault extends Error {
	readonly result: Exclude<AttemptResult, 'succeeded' | 'http' | 'unsigned'>;

	constructor(result: SendFault['result'], detail: string) {
		super(detail);
		this.name = 'SendFault';
		this.result = result;
	}
}

/** When each part of connecting was over, in milliseconds since its beginning. */
export type ConnectTimings = {dns: number | null; connect: number | null; tls: number | null};

export type Connection = {
	socket: Socket;
	address: string;
	/** Reached only because an operator opened its network. */
	isPrivate: boolean;
};

/**
 * Connects to where a URL leads, if nothing forbids it: every address that the name resolves to is
 * judged, and the one connected to again. So an answer of DNS that changes in between, an address
 * in whatever spelling and a name with one bad address all lead nowhere.
 *
 * @param timings filled in as far as it comes
 * @throws {SendFault}
 */
export async function connect(
	url: URL,
	options: {
		policy: TargetPolicy;
		/** Further certificate authorities, in PEM. */
		ca: readonly string[];
		signal: AbortSignal;
		timings: ConnectTimings;
		connectTimeoutMs?: number;
	},
): Promise<Connection> {
	const startedAt = performance.now();
	const {policy, ca, timings, connectTimeoutMs = defaultConnectTimeoutMs} = options;
	const signal = AbortSignal.any([options.signal, AbortSignal.timeout(connectTimeoutMs)]);
	const {scheme, port, host} = partsOf(url);
	const since = () => Math.round((performance.now() - startedAt) * 10) / 10;

	const addresses = await resolve(host, signal);
	timings.dns = since();
	const verdicts = addresses.map((address) => judgeTarget(policy, {address, port, scheme}));
	for (const verdict of verdicts) {
		if (!verdict.isAllowed) throw new SendFault('blocked', verdict.why);
	}

	const socket = await firstThatConnects(addresses, port, signal);
	timings.connect = since();
	try {
		const address = socket.remoteAddress ?? '';
		const verdict = judgeTarget(policy, {address, port, scheme});
		if (!verdict.isAllowed) throw new SendFault('blocked', verdict.why);
		if (scheme === 'http:') return {socket, address, isPrivate: verdict.isPrivate};
		const secure = await startTls(socket, {host, ca, signal});
		timings.tls = since();
		return {socket: secure, address, isPrivate: verdict.isPrivate};
	} catch (error) {
		socket.destroy();
		throw error;
	}
}

/**
 * Whether a URL leads somewhere that nothing may be sent to, as far as can be said now. This is for
 * a helpful answer; `connect` is what keeps everything away from there.
 *
 * @returns why, and which setting would allow it; undefined: nothing is known against it
 */
export async function whyForbidden(url: URL, policy: TargetPolicy): Promise<string | undefined> {
	const {scheme, port, host} = partsOf(url);
	try {
		const addresses = await resolve(host, AbortSignal.timeout(lookUpTimeoutMs));
		for (const address of addresses) {
			const verdict = judgeTarget(policy, {address, port, scheme});
			if (!verdict.isAllowed) return verdict.why;
		}
	} catch {
		// A name that nobody knows yet may be known when something is sent.
	}
	return undefined;
}

function partsOf(url: URL) {
	const scheme = url.protocol === 'https:' ? ('https:' as const) : ('http:' as const);
	const port = url.port === '' ? (scheme === 'https:' ? 443 : 80) : Number(url.port);
	return {scheme, port, host: url.hostname.replace(/^\[(.*)\]$/, '$1')};
}

/** @returns every address of a host */
async function resolve(host: string, signal: AbortSignal): Promise<string[]> {
	if (isIP(host) !== 0) return [host];
	const aborted = Promise.withResolvers<never>();
	const abort = () => aborted.reject(new SendFault('timeout', 'its name was not resolved in time'));
	signal.addEventListener('abort', abort, {once: true});
	try {
		const found = await Promise.race([lookup(host, {all: true, verbatim: true}), aborted.promise]);
		if (found.length === 0) throw new SendFault('dns', 'its name has no address');
		return found.map(({address}) => address);
	} catch (error) {
		if (error instanceof SendFault) throw error;
		throw new SendFault('dns', `its name could not be resolved (${codeOf(error)})`);
	} finally {
		signal.removeEventListener('abort', abort);
	}
}

async function firstThatConnects(
	addresses: readonly string[],
	port: number,
	signal: AbortSignal,
): Promise<Socket> {
	let fault = new SendFault('refused', 'nobody could be connected to');
	for (const [i, address] of addresses.entries()) {
		const isLast = i === addresses.length - 1;
		const patience = isLast
			? signal
			: AbortSignal.any([signal, AbortSignal.timeout(nextAddressMs)]);
		try {
			return await connectOne(address, port, patience);
		} catch (error) {
			fault = error as SendFault;
			if (signal.aborted) break;
		}
	}
	throw fault;
}

function connectOne(host: string, port: number, signal: AbortSignal): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connectTcp({host, port, noDelay: true});
		const end = settle(socket, signal, reject, 'the connection was not made in time');
		socket.once('connect', () => {
			end();
			resolve(socket);
		});
		socket.on('error', (error) => {
			end();
			reject(new SendFault('refused', `no connection (${codeOf(error)})`));
		});
	});
}

function startTls(
	socket: Socket,
	options: {host: string; ca: readonly string[]; signal: AbortSignal},
): Promise<Socket> {
	const {host, ca, signal} = options;
	return new Promise((resolve, reject) => {
		const secure = connectTls({
			socket,
			...(isIP(host) === 0 ? {servername: host} : {host}),
			...(ca.length === 0 ? {} : {ca: [...rootCertificates, ...ca]}),
			ALPNProtocols: ['http/1.1'],
			minVersion: 'TLSv1.2',
		});
		const end = settle(secure, signal, reject, 'TLS was not agreed in time');
		secure.once('secureConnect', () => {
			end();
			resolve(secure);
		});
		secure.on('error', (error) => {
			end();
			reject(new SendFault('tls', `TLS failed (${codeOf(error)})`));
		});
	});
}

/** Ends a socket that takes too long. @returns what stops watching it */
function settle(
	socket: Socket,
	signal: AbortSignal,
	reject: (fault: SendFault) => void,
	detail: string,
): () => void {
	const abort = () => {
		reject(new SendFault('timeout', detail));
		socket.destroy();
	};
	if (signal.aborted) abort();
	signal.addEventListener('abort', abort, {once: true});
	return () => signal.removeEventListener('abort', abort);
}

/** The short name of an error, which holds nothing from outside. */
export function codeOf(error: unknown): string {
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
	return /^\w{1,60}$/.test(code) ? code : 'unknown';
}
