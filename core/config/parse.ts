import {isIP} from 'node:net';
import {namedNetworks, parseNetwork, type Network} from '../../contract/network.ts';
import {codePoints} from '../../contract/text.ts';
import type {Proxy} from '../outbound/proxy.ts';

/** Why a value is refused: what is expected, said to the operator. Never holds the value itself. */
export class RefusedValue extends Error {
	/** Of a value with parts: what is wrong with each. */
	readonly faults: readonly string[] | undefined;

	constructor(expected: string, faults?: readonly string[]) {
		super(expected);
		this.faults = faults;
	}
}

export type Parse<T> = (text: string) => T;

export function text(text: string): string {
	return text;
}

export function integer(min: number, max: number): Parse<number> {
	return (text) => {
		const value = Number(text);
		if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
			throw new RefusedValue(`a whole number from ${min} to ${max}`);
		}
		return value;
	};
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
	return (text) => {
		const found = values.find((value) => value === text);
		if (found === undefined) throw new RefusedValue(`one of ${values.join(', ')}`);
		return found;
	};
}

export function flag(text: string): boolean {
	if (text === '1' || text === 'true') return true;
	if (text === '0' || text === 'false') return false;
	throw new RefusedValue('1, true, 0 or false');
}

export function pattern(expression: RegExp, expected: string): Parse<string> {
	return (text) => {
		if (!expression.test(text)) throw new RefusedValue(expected);
		return text;
	};
}

export function listenAddress(text: string): string {
	if (isIP(text) === 0) throw new RefusedValue('an IPv4 or IPv6 address');
	return text;
}

/** An absolute http or https origin, returned without a trailing slash. */
export function origin(text: string): string {
	const url = URL.parse(text);
	const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
	if (!bare || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
		throw new RefusedValue(
			'an absolute http or https address without path, such as https://keys.example',
		);
	}
	return url.origin;
}

export type ConnectionUrl = {
	host: string | undefined;
	port: number | undefined;
	user: string | undefined;
	password: string | undefined;
	/** Database name or number; the socket path for a `unix:` URL. */
	path: string;
	tls: boolean;
	parameters: ReadonlyMap<string, string>;
};

/** What may stand behind the `?`; TLS has settings of its own, which a `sslmode` would not change. */
const urlParameters = new Set(['host', 'port', 'user']);

/** What stands behind the host: a database's name, but for these. */
const paths: Readonly<Record<string, RegExp>> = {
	'unix:': /^\/./,
	'redis:': /^(\/\d{0,5})?$/,
	'rediss:': /^(\/\d{0,5})?$/,
};

/**
 * A connection URL taken apart. The usual fault is a password with `/`, `?` or `#` in it, which
 * moves the rest of it into another part, so the refusal says how to write one.
 */
export function connectionUrl(schemes: readonly string[]): Parse<ConnectionUrl> {
	const expected = `a URL such as ${schemes[0]}://user:password@host/name; percent-encode special characters in the password, or use the separate variables`;
	return (text) => {
		const url = URL.parse(text);
		if (url === null || !schemes.includes(url.protocol.slice(0, -1)))
			throw new RefusedValue(expected);
		const path = paths[url.protocol] ?? /^(\/[^/@]*)?$/;
		if (url.hash !== '' || !path.test(url.pathname)) throw new RefusedValue(expected);
		if (url.searchParams.keys().some((name) => !urlParameters.has(name))) {
			throw new RefusedValue(
				`${expected}; no parameters but host, port and user, and TLS by LATCHKEY_DATABASE_SSL, LATCHKEY_REDIS_TLS or rediss://`,
			);
		}
		const decode = (part: string) => {
			try {
				return part === '' ? undefined : decodeURIComponent(part);
			} catch {
				throw new RefusedValue(expected);
			}
		};
		const host = decode(url.hostname);
		return {
			host: host?.replace(/^\[(.*)\]$/, '$1'),
			port: url.port === '' ? undefined : Number(url.port),
			user: decode(url.username),
			password: decode(url.password),
			path: decode(url.pathname) ?? '',
			tls: url.protocol === 'rediss:',
			parameters: new Map(url.searchParams),
		};
	};
}

/** An HTTP proxy; what is special in its user or password is percent-encoded. */
export function proxy(text: string): Proxy {
	const expected =
		'a URL such as http://user:password@proxy.example:3128, without path; percent-encode special characters in the password';
	const url = URL.parse(text);
	const isBare = url?.pathname === '/' && url.search === '' && url.hash === '';
	if (url === null || !isBare || !/^https?:$/.test(url.protocol)) throw new RefusedValue(expected);
	const isTls = url.protocol === 'https:';
	let credentials: string;
	try {
		credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
	} catch {
		throw new RefusedValue(expected);
	}
	return {
		host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
		port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
		isTls,
		authorization:
			credentials === ':' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
	};
}

const byName = new Map(Object.entries(namedNetworks));

/** A comma-separated list of CIDRs and of the names loopback, linklocal, private. */
export function networks(text: string): readonly Network[] {
	return text
		.split(',')
		.map((part) => part.trim())
		.flatMap((entry) => byName.get(entry) ?? [cidr(entry)]);
}

function cidr(text: string): Network {
	const read = parseNetwork(text);
	if (!text.includes('/') || ('fault' in read && read.fault === 'form')) {
		throw new RefusedValue(
			'CIDRs such as 10.0.0.0/8, or loopback, linklocal, private, comma-separated',
		);
	}
	if (!('fault' in read)) return read;
	if (read.fault === 'mapped') return read.meant;
	// Whoever writes 10.0.0.1/8 means one host, perhaps, and opens a network of millions.
	throw new RefusedValue('the first address of each network: 10.0.0.0/8, not 10.0.0.1/8');
}

/** Networks of proxies whose word is believed. */
export function proxies(text: string): readonly Network[] {
	const list = networks(text);
	if (list.some(({length}) => length === 0)) {
		throw new RefusedValue('networks of proxies you run; /0 would trust everybody');
	}
	return list;
}

/** Names of hosts, comma-separated, in lower case. */
export function hostNames(text: string): readonly string[] {
	return text.split(',').map((part) => {
		const name = part.trim().toLowerCase();
		if (URL.parse(`http://${name}/`)?.host !== name) {
			throw new RefusedValue(
				'names of hosts without port, such as keys.example, comma-separated; or any',
			);
		}
		return name;
	});
}

export type HostPort = {host: string; port: number};

/** Hosts with their ports, comma-separated, each once. */
export function hostPorts(text: string): readonly HostPort[] {
	const list = text.split(',').map((part) => hostPort(part.trim()));
	if (new Set(list.map(({host, port}) => `${host} ${port}`)).size < list.length) {
		throw new RefusedValue('each host and port once');
	}
	return list;
}

function hostPort(text: string): HostPort {
	const [, name, address = '', port] =
		/^(?:([\w.-]{1,253})|\[([^\]]*)\]):(\d{1,5})$/.exec(text) ?? [];
	const number = Number(port);
	if ((name === undefined && isIP(address) !== 6) || !(number >= 1 && number <= 65_535)) {
		throw new RefusedValue(
			'hosts with their ports, comma-separated, such as a.example:6379,b.example:6379; an IPv6 address in brackets',
		);
	}
	return {host: name ?? address, port: number};
}

/** Whole numbers from `min` to `max`, comma-separated. */
export function integers(min: number, max: number): Parse<readonly number[]> {
	const one = integer(min, max);
	return (text) => text.split(',').map((part) => one(part.trim()));
}

/** One or more different keys of 32 bytes in base64url, each on a line of its own. */
export function keys256(text: string): readonly Buffer[] {
	const lines = text.split(/\r?\n/);
	const isKey = (line: string) =>
		/^[\w-]{43}$/.test(line) && Buffer.from(line, 'base64url').toString('base64url') === line;
	if (!lines.every(isKey) || new Set(lines).size < lines.length) {
		throw new RefusedValue(
			'32 random bytes in base64url, 43 characters; of several each once, on a line of its own',
		);
	}
	return lines.map((line) => Buffer.from(line, 'base64url'));
}

const wellKnown = new Set(['changeme', 'password', 'secret', 'postgres', 'x', 'admin', 'latchkey']);

/** A secret that is not one of the words everybody tries first. */
export function secret(minLength: number): Parse<string> {
	return (text) => {
		if (wellKnown.has(text.toLowerCase()))
			throw new RefusedValue('a secret of your own, not a well-known word');
		if (codePoints(text) < minLength) throw new RefusedValue(`at least ${minLength} characters`);
		return text;
	};
}
