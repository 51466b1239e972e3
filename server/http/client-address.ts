import type {IncomingMessage} from 'node:http';
import {isIPv4, isIPv6, type Socket} from 'node:net';
import {canonicalAddress, isWithin, parseAddress, type Network} from '../../contract/network.ts';

/**
 * The address of the client. X-Forwarded-For is believed only from trusted proxies, and read from
 * the right: the first hop that is not trusted is the client. (The leftmost entry is whatever the
 * client wrote.)
 *
 * @returns undefined when a trusted proxy says something that is not an address
 */
export function clientAddress(
	request: IncomingMessage,
	trusted: readonly Network[] | undefined,
): string | undefined {
	const peer = peerAddress(request.socket);
	if (trusted === undefined || !isFromTrusted(request.socket, trusted)) return peer;
	const hops = forwardedFor(request)
		.flatMap((line) => line.split(','))
		.map((hop) => hop.trim());
	let client: string | undefined = peer;
	for (const hop of hops.toReversed()) {
		client = canonical(hop) ?? canonical(withoutPort(hop));
		if (client === undefined || !isTrusted(client, trusted)) return client;
	}
	return client;
}

/**
 * The address that networks of a key are held against: that of the client, but none where a trusted
 * proxy did not say for whom it asks. Its own address must not let everybody in whom it serves.
 */
export function originOf(
	request: IncomingMessage,
	trusted: readonly Network[] | undefined,
	client: string | undefined,
): string | undefined {
	if (trusted === undefined || client === undefined) return client;
	const isUnsaid =
		client === peerAddress(request.socket) &&
		forwardedFor(request).length === 0 &&
		isFromTrusted(request.socket, trusted);
	return isUnsaid ? undefined : client;
}

/** The lines as they came. For these alone `headersDistinct` would go through all headers once more. */
function forwardedFor({rawHeaders}: IncomingMessage): string[] {
	const lines: string[] = [];
	for (let i = 0; i < rawHeaders.length; i += 2) {
		const name = rawHeaders[i] ?? '';
		if (name.length !== 15 || name.toLowerCase() !== 'x-forwarded-for') continue;
		lines.push(rawHeaders[i + 1] ?? '');
	}
	return lines;
}

/** A connection has the same peer to its end: it is looked at once. */
const peers = new WeakMap<Socket, string>();

/** The address at the other end of a connection; undefined where it is gone. */
export function peerAddress(socket: Socket): string | undefined {
	const known = peers.get(socket);
	if (known !== undefined) return known;
	const peer = canonical(withoutZone(socket.remoteAddress ?? ''));
	if (peer !== undefined) peers.set(socket, peer);
	return peer;
}

/** Of a connection, and against which networks it was looked at. */
const trustedPeers = new WeakMap<Socket, {trusted: readonly Network[]; isTrusted: boolean}>();

/** Whether the other end of a connection is trusted: looked at once, as its requests are many. */
export function isFromTrusted(socket: Socket, trusted: readonly Network[]): boolean {
	const known = trustedPeers.get(socket);
	if (known?.trusted === trusted) return known.isTrusted;
	const peer = peerAddress(socket);
	if (peer === undefined) return false;
	const judged = {trusted, isTrusted: isTrusted(peer, trusted)};
	trustedPeers.set(socket, judged);
	return judged.isTrusted;
}

export function isTrusted(text: string, trusted: readonly Network[]): boolean {
	const address = parseAddress(text);
	return address !== undefined && isWithin(address, trusted);
}

/** The kernel names the interface of a link-local peer; a hop that a proxy wrote has no zone. */
function withoutZone(address: string): string {
	return address.replace(/^(fe[89ab][\da-f]:.*)%.*$/i, '$1');
}

/**
 * Some balancers write the port that they see, too: `203.0.113.7:51234`, `[2001:db8::1]:443`.
 *
 * @returns '' for what is not an address with a port, or in brackets
 */
function withoutPort(hop: string): string {
	const [, ipv4, ipv6 = ''] =
		/^(?:([\d.]{7,15}):\d{1,5}|\[([\da-f:.]{2,45})\](?::\d{1,5})?)$/i.exec(hop) ?? [];
	return ipv4 ?? (isIPv6(ipv6) ? ipv6 : '');
}

/** One spelling for each address; undefined for what is not one. */
function canonical(text: string): string | undefined {
	// How the kernel spells an IPv4 peer of a dual-stack socket is too common to reckon with numbers.
	const ipv4 = text.replace(/^::ffff:(?=\d+\.)/i, '');
	return isIPv4(ipv4) ? ipv4 : canonicalAddress(text);
}
