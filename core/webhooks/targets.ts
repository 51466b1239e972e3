import {BlockList, isIP} from 'node:net';
import {networkInterfaces} from 'node:os';
import type {Network} from '../config/parse.ts';

/** An address and port that belongs to the appliance: its PostgreSQL, its Redis. */
export type Service = {address: string; port: number};

export type TargetPolicy = {
	/** Networks an operator has opened by `LATCHKEY_WEBHOOK_ALLOWED_NETWORKS`. */
	allowedNetworks: readonly Network[];
	/** Ports below 1024 beside 80 and 443, by `LATCHKEY_WEBHOOK_ALLOWED_PORTS`. */
	allowedPorts: readonly number[];
	/** Subnets of this machine's or container's interfaces, as they are now. */
	ownNetworks: () => readonly Network[];
	services: () => readonly Service[];
};

export type Verdict =
	/** `isPrivate`: reached only because an operator opened its network. */
	{isAllowed: true; isPrivate: boolean} | {isAllowed: false; why: string};

/** Where nothing may ever be sent: metadata services of clouds, and what is no single machine. */
const never: readonly [string, number, string][] = [
	['0.0.0.0', 8, 'an unspecified address'],
	['100.100.100.200', 32, 'a metadata address'],
	['168.63.129.16', 32, 'a metadata address'],
	['169.254.0.0', 16, 'a link-local address'],
	['192.0.0.192', 32, 'a metadata address'],
	['224.0.0.0', 4, 'a multicast address'],
	['240.0.0.0', 4, 'a reserved address'],
	['::', 128, 'an unspecified address'],
	['fe80::', 10, 'a link-local address'],
	['ff00::', 8, 'a multicast address'],
	['fd00:ec2::254', 128, 'a metadata address'],
	['fd20:ce::254', 128, 'a metadata address'],
];

/** What is not of the public internet (IANA special-purpose registries): opened by an operator, or not. */
const special: readonly [string, number][] = [
	['10.0.0.0', 8],
	['100.64.0.0', 10],
	['127.0.0.0', 8],
	['172.16.0.0', 12],
	['192.0.0.0', 24],
	['192.0.2.0', 24],
	['192.88.99.0', 24],
	['192.168.0.0', 16],
	['198.18.0.0', 15],
	['198.51.100.0', 24],
	['203.0.113.0', 24],
	['::', 96],
	['64:ff9b::', 96],
	['64:ff9b:1::', 48],
	['100::', 64],
	['2001::', 23],
	['2001:db8::', 32],
	['2002::', 16],
	['3fff::', 20],
	['5f00::', 16],
	['fc00::', 7],
	['fec0::', 10],
];

const neverLists = never.map(([address, length, what]) => ({
	what,
	list: listOf([network(address, length)]),
}));
/** Where in an IPv6 address of these networks an IPv4 address stands, in bits from its beginning. */
const translated = (
	[
		['::ffff:0:0', 96, 96],
		['64:ff9b::', 96, 96],
		['2002::', 16, 16],
	] as const
).map(([address, length, at]) => ({at, list: listOf([network(address, length)])}));

const specialList = listOf(special.map(([address, length]) => network(address, length)));

/**
 * Whether something may be sent to an address (reference: OWASP SSRF prevention). Asked for the
 * literal in a URL, for every address a name resolves to, and for the one that was connected to.
 *
 * @param scheme plain `http:` is for networks that an operator opened
 */
export function judgeTarget(
	policy: TargetPolicy,
	target: {address: string; port: number; scheme: 'http:' | 'https:'},
): Verdict {
	const {port, scheme} = target;
	const address = unmapped(target.address);
	const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
	const holds = (networks: readonly Network[]) => listOf(networks).check(address, family);
	const refuse = (why: string): Verdict => ({isAllowed: false, why: `${address} ${why}`});

	// A gateway that translates would lead from an IPv6 address to the IPv4 address in it.
	const led = embedded(address);
	const both = led === undefined ? [address] : [address, led];
	for (const {list, what} of neverLists) {
		const isNever = both.some((one) => list.check(one, isIP(one) === 6 ? 'ipv6' : 'ipv4'));
		if (isNever) return refuse(`is ${what}: nothing is ever sent there`);
	}
	if (policy.services().some((one) => both.includes(one.address) && one.port === port)) {
		return refuse(`port ${port} is a database of this appliance: nothing is ever sent there`);
	}
	if (port < 1024 && port !== 80 && port !== 443 && !policy.allowedPorts.includes(port)) {
		return refuse(`port ${port} is reserved; LATCHKEY_WEBHOOK_ALLOWED_PORTS would allow it`);
	}
	const cidr = `${address}/${family === 'ipv4' ? 32 : 128}`;
	const opens = policy.allowedNetworks.filter((one) => holds([one]));
	const own = policy.ownNetworks().find((one) => holds([one]));
	// A wide network that an operator opened does not open the one the databases are in.
	if (own !== undefined && !opens.some((one) => one.length >= own.length)) {
		return refuse(
			`is in a network of this appliance; LATCHKEY_WEBHOOK_ALLOWED_NETWORKS=${cidr} would allow it`,
		);
	}
	if (opens.length > 0) return {isAllowed: true, isPrivate: true};
	if (specialList.check(address, family)) {
		return refuse(
			`is not a public address; LATCHKEY_WEBHOOK_ALLOWED_NETWORKS=${cidr} would allow it`,
		);
	}
	if (scheme === 'http:') {
		return refuse(
			`is asked for without TLS; use https, or LATCHKEY_WEBHOOK_ALLOWED_NETWORKS=${cidr}`,
		);
	}
	return {isAllowed: true, isPrivate: false};
}

/** Subnets of the interfaces of this machine or container. */
export function ownNetworks(): Network[] {
	return Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.flatMap(({cidr}) => {
			const [address = '', length = ''] = cidr?.split('/') ?? [];
			return isIP(address) === 0 ? [] : [network(address, Number(length))];
		});
}

/** `::ffff:1.2.3.4` is 1.2.3.4, and an address with a zone is judged without it. */
function unmapped(address: string): string {
	const bare = address.replace(/%.*$/, '').toLowerCase();
	return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1] ?? bare;
}

/** The IPv4 address in one of `::ffff:a.b.c.d`, NAT64 (RFC 6052) or 6to4 (RFC 3056). */
function embedded(address: string): string | undefined {
	if (isIP(address) !== 6) return undefined;
	const at = translated.find(({list}) => list.check(address, 'ipv6'))?.at;
	if (at === undefined) return undefined;
	const bits = bitsOf(address) >> BigInt(128 - at - 32);
	return [24n, 16n, 8n, 0n].map((shift) => Number((bits >> shift) & 255n)).join('.');
}

/** An IPv6 address as a number. */
function bitsOf(address: string): bigint {
	// The canonical form of a URL has no dotted part.
	const {hostname} = new URL(`http://[${address}]`);
	const [head = '', tail] = hostname.slice(1, -1).split('::');
	const groups = (text: string) => (text === '' ? [] : text.split(':'));
	const [first, last] = [groups(head), groups(tail ?? '')];
	const missing = tail === undefined ? 0 : 8 - first.length - last.length;
	const all = [...first, ...Array.from({length: missing}, () => '0'), ...last];
	return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function network(address: string, length: number): Network {
	return {address, length, family: isIP(address) === 6 ? 'ipv6' : 'ipv4'};
}

function listOf(networks: readonly Network[]): BlockList {
	const list = new BlockList();
	for (const {address, length, family} of networks) list.addSubnet(address, length, family);
	return list;
}
