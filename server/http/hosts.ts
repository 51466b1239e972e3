import {isIP, type Socket} from 'node:net';
import {hostname} from 'node:os';
import type {ServerConfig} from '../../core/config/config.ts';
import {isFromTrusted} from './client-address.ts';

/** Host lines that were found good, kept so that they are judged once. */
const mostKnown = 100;
const longestKnown = 100;

/**
 * Tells whether a request names a host that is not ours, where it should not: a web page can have
 * its own name lead to an address of its reader's machine (DNS rebinding), and speaks then with what
 * listens there as if it were its own server. Addresses and names without a dot cannot be had so.
 *
 * Proxies that are trusted answer for the names that they pass on. Without LATCHKEY_ALLOWED_HOSTS
 * only loopback connections are looked at, which is where no network guards us.
 */
export function createHostCheck(
	config: Pick<ServerConfig, 'allowedHosts' | 'publicUrl' | 'trustedProxies'>,
): (socket: Socket, host: string) => boolean {
	const {allowedHosts, publicUrl, trustedProxies} = config;
	const own = new Set([
		new URL(publicUrl).hostname,
		hostname().toLowerCase(),
		...(allowedHosts ?? []),
	]);
	if (own.has('any')) return () => false;
	const known = new Set<string>();

	return (socket, host) => {
		if (known.has(host)) return false;
		if (isOwn(host, own)) {
			if (known.size < mostKnown && host.length <= longestKnown) known.add(host);
			return false;
		}
		if (allowedHosts === undefined && !isLoopback(socket.localAddress ?? '')) return false;
		return trustedProxies === undefined || !isFromTrusted(socket, trustedProxies);
	};
}

/** @param host as the header has it: with a port, an IPv6 address in brackets; empty where none is meant */
function isOwn(host: string, own: ReadonlySet<string>): boolean {
	if (host === '') return true;
	const name = URL.parse(`http://${host}/`)?.hostname.replace(/\.$/, '');
	if (name === undefined) return false;
	return (
		!name.includes('.') ||
		isIP(name) === 4 ||
		name.startsWith('[') ||
		name.endsWith('.localhost') ||
		own.has(name)
	);
}

function isLoopback(address: string): boolean {
	return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}
