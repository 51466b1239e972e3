import {connect as connectTcp, isIP, type Socket} from 'node:net';
import {
	connect as connectTls,
	createSecureContext,
	getCACertificates,
	type SecureContext,
} from 'node:tls';
import {codeOf, OutboundFault} from './fault.ts';
import {withoutDot} from './name-files.ts';
import type {Names} from './names.ts';
import {openTunnel, type Proxy} from './proxy.ts';
import {isPublicAddress} from './public-addresses.ts';

/** Longest wait for name, connection and TLS together, in milliseconds. */
const defaultConnectTimeoutMs = 5000;
/** Of several addresses of a name, each but the last is tried for so long. */
const nextAddressMs = 1000;

export type Scheme = 'http:' | 'https:';

export type TargetVerdict =
	/** `isPrivate`: reached only because an operator opened its network. */
	{isAllowed: true; isPrivate: boolean} | {isAllowed: false; why: string};

/** Says whether something may be sent to an address. */
export type Judge = (target: {address: string; port: number; scheme: Scheme}) => TargetVerdict;

/** The same of a name that nobody can resolve here, only the proxy. */
export type JudgeName = (target: {name: string; port: number; scheme: Scheme}) => TargetVerdict;

/** How others are reached from here. */
export type Outbound = {
	names: Names;
	/** What the public internet is reached through. */
	proxy: Proxy | undefined;
	/** Whose look-ups of names these are, see `Names`. */
	party: string;
	judge: Judge;
	judgeName: JudgeName;
	/** Further certificate authorities, in PEM. */
	ca: readonly string[];
	/** With a proxy: longest look-up of a name here before it is left to the proxy, in milliseconds. */
	lookUpMs?: number;
};

/** When each part of connecting was over, in milliseconds since its beginning. */
export type ConnectTimings = {dns: number | null; connect: number | null; tls: number | null};

export type Connection = {
	socket: Socket;
	/** Null: of somebody whom a proxy connected to. */
	address: string | null;
	isPrivate: boolean;
};

/**
 * Connects to where a URL leads, if nothing forbids it: every address that the name resolves to is
 * judged, and the one connected to again. So an answer of DNS that changes in between, an address
 * in whatever spelling and a name with one bad address all lead nowhere.
 *
 * With a proxy, what is on the public internet is reached through it, by name: what it connects to
 * then is its to judge. Names that cannot be resolved here are left to it.
 *
 * @param timings filled in as far as it comes
 * @throws {OutboundFault}
 */
export async function connect(
	url: URL,
	options: Outbound & {signal: AbortSignal; timings: ConnectTimings; connectTimeoutMs?: number},
): Promise<Connection> {
	const startedAt = performance.now();
	const {judge, ca, proxy, timings, connectTimeoutMs = defaultConnectTimeoutMs} = options;
	const signal = AbortSignal.any([options.signal, AbortSignal.timeout(connectTimeoutMs)]);
	const {scheme, port, host} = partsOf(url);
	const since = () => Math.round((performance.now() - startedAt) * 10) / 10;

	const addresses = await allowedAddresses(url, options, signal);
	timings.dns = since();
	const isProxied = proxy !== undefined && addresses.every(isPublicAddress);
	const socket = isProxied
		? await connectThrough(proxy, url, options, signal)
		: await firstThatConnects(addresses, port, signal);
	timings.connect = since();
	try {
		const address = isProxied ? null : (socket.remoteAddress ?? '');
		const isPrivate = address !== null && allowed(judge({address, port, scheme})).isPrivate;
		if (scheme === 'http:') return {socket, address, isPrivate};
		const secure = await startTls(socket, {host, ca, signal});
		timings.tls = since();
		return {socket: secure, address, isPrivate};
	} catch (error) {
		socket.destroy();
		throw error;
	}
}

/** Every address of a host, all of which may be sent to; none: only the proxy can resolve it. */
async function allowedAddresses(
	url: URL,
	{names, party, judge, judgeName, proxy, lookUpMs}: Outbound,
	signal: AbortSignal,
): Promise<readonly string[]> {
	const {scheme, port, host} = partsOf(url);
	const patience =
		proxy === undefined || lookUpMs === undefined
			? signal
			: AbortSignal.any([signal, AbortSignal.timeout(lookUpMs)]);
	try {
		const addresses = await names.resolve(host, {party, signal: patience});
		for (const address of addresses) allowed(judge({address, port, scheme}));
		return addresses;
	} catch (error) {
		const isUnknown =
			error instanceof OutboundFault &&
			(error.kind === 'dns' || (error.kind === 'timeout' && !signal.aborted));
		if (proxy === undefined || !isUnknown) throw error;
		allowed(judgeName({name: host, port, scheme}));
		return [];
	}
}

/**
 * Why nothing may be sent to where a URL leads, as far as can be said now; undefined: nothing is
 * known against it.
 */
export async function whyBlocked(
	url: URL,
	outbound: Outbound,
	signal: AbortSignal,
): Promise<string | undefined> {
	try {
		await allowedAddresses(url, outbound, signal);
	} catch (error) {
		// A name that nobody knows yet may be known when something is sent.
		if (error instanceof OutboundFault && error.kind === 'blocked') return error.message;
	}
	return undefined;
}

/** @throws {OutboundFault} `blocked` */
function allowed(verdict: TargetVerdict): TargetVerdict & {isAllowed: true} {
	if (!verdict.isAllowed) throw new OutboundFault('blocked', verdict.why);
	return verdict;
}

async function connectThrough(
	proxy: Proxy,
	url: URL,
	{names, ca}: Outbound,
	signal: AbortSignal,
): Promise<Socket> {
	const {port, host} = partsOf(url);
	const name = isIP(host) === 6 ? `[${host}]` : withoutDot(host);
	let socket: Socket | undefined;
	try {
		const addresses = await names.resolve(proxy.host, {party: 'the proxy', signal});
		socket = await firstThatConnects(addresses, proxy.port, signal);
		if (proxy.isTls) socket = await startTls(socket, {host: proxy.host, ca, signal});
	} catch (error) {
		socket?.destroy();
		if (!(error instanceof OutboundFault)) throw error;
		const kind = error.kind === 'timeout' ? 'timeout' : 'refused';
		throw new OutboundFault(kind, `the proxy could not be reached: ${error.message}`);
	}
	try {
		return await openTunnel(socket, proxy, `${name}:${port}`, signal);
	} catch (error) {
		socket.destroy();
		throw error;
	}
}

/** @returns the host without the brackets of an IPv6 address */
function partsOf(url: URL): {scheme: Scheme; port: number; host: string} {
	const scheme = url.protocol === 'https:' ? ('https:' as const) : ('http:' as const);
	const port = url.port === '' ? (scheme === 'https:' ? 443 : 80) : Number(url.port);
	return {scheme, port, host: url.hostname.replace(/^\[(.*)\]$/, '$1')};
}

async function firstThatConnects(
	addresses: readonly string[],
	port: number,
	signal: AbortSignal,
): Promise<Socket> {
	let fault = new OutboundFault('refused', 'nobody could be connected to');
	for (const [i, address] of addresses.entries()) {
		const isLast = i === addresses.length - 1;
		const patience = isLast
			? signal
			: AbortSignal.any([signal, AbortSignal.timeout(nextAddressMs)]);
		try {
			return await connectOne(address, port, patience);
		} catch (error) {
			fault = error as OutboundFault;
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
			reject(new OutboundFault('refused', `no connection (${codeOf(error)})`));
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
			// A name that ends in a dot is sent without it (RFC 6066, 3).
			...(isIP(host) === 0 ? {servername: withoutDot(host)} : {host}),
			...(ca.length === 0 ? {} : {secureContext: contextOf(ca)}),
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
			reject(new OutboundFault('tls', `TLS failed (${codeOf(error)})`));
		});
	});
}

const contexts = new WeakMap<readonly string[], SecureContext>();

/** Reading all authorities for each connection would take milliseconds. */
function contextOf(ca: readonly string[]): SecureContext {
	const known = contexts.get(ca);
	if (known !== undefined) return known;
	const made = createSecureContext({
		ca: [...getCACertificates('default'), ...ca],
		minVersion: 'TLSv1.2',
	});
	contexts.set(ca, made);
	return made;
}

/** Ends a socket that takes too long. @returns what stops watching it */
function settle(
	socket: Socket,
	signal: AbortSignal,
	reject: (fault: OutboundFault) => void,
	detail: string,
): () => void {
	const abort = () => {
		reject(new OutboundFault('timeout', detail));
		socket.destroy();
	};
	if (signal.aborted) abort();
	signal.addEventListener('abort', abort, {once: true});
	return () => signal.removeEventListener('abort', abort);
}
