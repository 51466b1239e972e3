import type {IncomingMessage} from 'node:http';
import {isIP, SocketAddress, type BlockList, type Socket} from 'node:net';

/**
 * The address of the client. X-Forwarded-For is believed only from trusted proxies, and read from
 * the right: the first hop that is not trusted is the client. (The leftmost entry is whatever the
 * client wrote.)
 *
 * @returns undefined when a trusted proxy says something that is no address
 */
export function clientAddress(
	request: IncomingMessage,
	trusted: BlockList | undefined,
): string | undefined {
	const peer = peerAddress(request.socket);
	if (trusted === undefined || peer === undefined || !isTrusted(peer, trusted)) return peer;
	const hops = (request.headersDistinct['x-forwarded-for'] ?? [])
		.flatMap((line) => line.split(','))
		.map((hop) => hop.trim());
	let client: string | undefined = peer;
	for (const hop of hops.toReversed()) {
		client = canonical(hop);
		if (client === undefined || !isTrusted(client, trusted)) return client;
	}
	return client;
}

/** A connection has the same peer to its end: it is looked at once. */
const peers = new WeakMap<Socket, string>();

function peerAddress(socket: Socket): string | undefined {
	const known = peers.get(socket);
	if (known !== undefined) return known;
	const peer = canonical(withoutZone(socket.remoteAddress ?? ''));
	if (peer !== undefined) peers.set(socket, peer);
	return peer;
}

function isTrusted(address: string, trusted: BlockList): boolean {
	return trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** The kernel names the interface of a link-local peer; a hop that a proxy wrote has no zone. */
function withoutZone(address: string): string {
	return address.replace(/^(fe[89ab][\da-f]:.*)%.*$/i, '$1');
}

/** One spelling for each address, IPv4-mapped IPv6 as IPv4; undefined for what is no address. */
function canonical(text: string): string | undefined {
	const family = isIP(text);
	if (family === 4) return text;
	if (family === 0 || text.includes('%')) return undefined;
	// How the kernel spells an IPv4 peer of a dual-stack socket: too common to make an object for.
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
	if (mapped !== undefined) return mapped;
	const {address} = new SocketAddress({address: text, family: 'ipv6'});
	return address.replace(/^::ffff:(?=\d+\.)/, '');
}
