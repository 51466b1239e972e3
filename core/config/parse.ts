import {BlockList, isIP} from 'node:net';
import {codePoints} from '../../contract/text.ts';
import {addressBits} from '../addresses.ts';

/** Why a value is refused: what is expected, said to the operator. Never holds the value itself. */
export class Refusal extends Error {
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
			throw new Refusal(`a whole number from ${min} to ${max}`);
		}
		return value;
	};
}

export function oneOf<const T extends string>(...values: readonly T[]): Parse<T> {
	return (text) => {
		const found = values.find((value) => value === text);
		if (found === undefined) throw new Refusal(`one of ${values.join(', ')}`);
		return found;
	};
}

export function flag(text: string): boolean {
	if (text === '1' || text === 'true') return true;
	if (text === '0' || text === 'false') return false;
	throw new Refusal('1, true, 0 or false');
}

export function pattern(expression: RegExp, expected: string): Parse<string> {
	return (text) => {
		if (!expression.test(text)) throw new Refusal(expected);
		return text;
	};
}

export function address(text: string): string {
	if (isIP(text) === 0) throw new Refusal('an IPv4 or IPv6 address');
	return text;
}

/** An absolute http or https origin, returned without a trailing slash. */
export function origin(text: string): string {
	const url = URL.parse(text);
	const bare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
	if (!bare || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
		throw new Refusal(
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
		if (url === null || !schemes.includes(url.protocol.slice(0, -1))) throw new Refusal(expected);
		const path = paths[url.protocol] ?? /^(\/[^/@]*)?$/;
		if (url.hash !== '' || !path.test(url.pathname)) throw new Refusal(expected);
		if (url.searchParams.keys().some((name) => !urlParameters.has(name))) {
			throw new Refusal(
				`${expected}; no parameters but host, port and user, and TLS by LATCHKEY_DATABASE_SSL or rediss://`,
			);
		}
		const decode = (part: string) => {
			try {
				return part === '' ? undefined : decodeURIComponent(part);
			} catch {
				throw new Refusal(expected);
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

const namedNetworks: Record<string, readonly string[]> = {
	loopback: ['127.0.0.0/8', '::1/128'],
	linklocal: ['169.254.0.0/16', 'fe80::/10'],
	private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

export type Network = {address: string; length: number; family: 'ipv4' | 'ipv6'};

/** A comma-separated list of CIDRs and of the names loopback, linklocal, private. */
export function networks(text: string): readonly Network[] {
	return text
		.split(',')
		.map((part) => part.trim())
		.flatMap((entry) => namedNetworks[entry] ?? [entry])
		.map((cidr) => {
			const [address = '', bits = '', ...rest] = cidr.split('/');
			const family = isIP(address);
			const length = Number(bits);
			const most = family === 4 ? 32 : 128;
			if (
				family === 0 ||
				address.includes('%') ||
				rest.length > 0 ||
				!/^(0|[1-9]\d{0,2})$/.test(bits) ||
				length > most
			) {
				throw new Refusal(
					'CIDRs such as 10.0.0.0/8, or loopback, linklocal, private, comma-separated',
				);
			}
			if (hasHostBits(address, most - length)) {
				throw new Refusal('the first address of each network: 10.0.0.0/8, not 10.0.0.1/8');
			}
			return {address, length, family: family === 4 ? 'ipv4' : 'ipv6'};
		});
}

/** Whoever writes 10.0.0.1/8 means one host, perhaps, and opens a network of millions. */
function hasHostBits(address: string, hostLength: number): boolean {
	return (addressBits(address) & ((1n << BigInt(hostLength)) - 1n)) !== 0n;
}

/** Networks of proxies whose word is believed. */
export function proxies(text: string): BlockList {
	const list = new BlockList();
	for (const {address, length, family} of networks(text)) {
		if (length === 0) throw new Refusal('networks of proxies you run; /0 would trust everybody');
		list.addSubnet(address, length, family);
	}
	return list;
}

/** Whole numbers from `min` to `max`, comma-separated. */
export function integers(min: number, max: number): Parse<readonly number[]> {
	const one = integer(min, max);
	return (text) => text.split(',').map((part) => one(part.trim()));
}

/** One or more certificates in PEM, each as a text of its own. */
export function certificates(text: string): readonly string[] {
	const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
	if (found === null) throw new Refusal('certificates in PEM');
	return found;
}

/** One or more different keys of 32 bytes in base64url, each on a line of its own. */
export function keys256(text: string): readonly Buffer[] {
	const lines = text.split(/\r?\n/);
	const isKey = (line: string) =>
		/^[\w-]{43}$/.test(line) && Buffer.from(line, 'base64url').toString('base64url') === line;
	if (!lines.every(isKey) || new Set(lines).size < lines.length) {
		throw new Refusal(
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
			throw new Refusal('a secret of your own, not a well-known word');
		if (codePoints(text) < minLength) throw new Refusal(`at least ${minLength} characters`);
		return text;
	};
}
