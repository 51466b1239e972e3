import {networkInterfaces} from 'node:os';
import {
	isWithin,
	namedNetworks,
	networkOf,
	networksOf,
	parseAddress,
	writeAddress,
	type Address,
	type Network,
} from '../../../contract/network.ts';
import type {Judge, JudgeName, TargetVerdict} from '../../outbound/connect.ts';
import {isPublicAddress, isPublicName} from '../../outbound/public-addresses.ts';

/** An address and port that belongs to the appliance: its PostgreSQL, its Redis. */
export type Service = {address: string; port: number};

/** An address of this machine or container, and the subnet it is in. */
export type Interface = {address: Address; subnet: Network};

export type TargetPolicy = {
	/** Networks an operator has opened by `LATCHKEY_WEBHOOK_ALLOWED_NETWORKS`. */
	allowedNetworks: readonly Network[];
	/** Ports below 1024 beside 80 and 443, by `LATCHKEY_WEBHOOK_ALLOWED_PORTS`. */
	allowedPorts: readonly number[];
	/** Interfaces of this machine or container, as they are now. */
	interfaces: () => readonly Interface[];
	services: () => readonly Service[];
};

/** Where nothing may ever be sent: metadata services of clouds, and what is not a single machine. */
const never = [
	['an unspecified address', networksOf('0.0.0.0/8', '::/128')],
	[
		'a metadata address',
		networksOf('100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254'),
	],
	['a link-local address', namedNetworks.linklocal],
	['a multicast address', networksOf('224.0.0.0/4', 'ff00::/8')],
	['a reserved address', networksOf('240.0.0.0/4')],
] as const;

/**
 * Where in an IPv6 address of these networks an IPv4 address stands, in bits from its beginning:
 * IPv4-compatible (RFC 4291), translated (RFC 2765, 6052, 8215), 6to4 (RFC 3056), Teredo (RFC 4380:
 * that of its server, and its own with every bit turned). A mapped one is read as IPv4 anyway.
 */
const translated = (
	[
		['::/96', 96],
		['::ffff:0:0:0/96', 96],
		['64:ff9b::/96', 96],
		['64:ff9b:1::/48', 96],
		['2002::/16', 16],
		['2001::/32', 32],
		['2001::/32', 96, 0xffff_ffffn],
	] as const
).map(([network, at, turned = 0n]) => ({at, turned, networks: networksOf(network)}));

/**
 * Whether something may be sent to an address (reference: OWASP SSRF prevention). Asked for the
 * literal in a URL, for every address a name resolves to, and for the one that was connected to.
 *
 * @param scheme plain `http:` is for networks that an operator opened
 */
export function judgeTarget(policy: TargetPolicy, target: Parameters<Judge>[0]): TargetVerdict {
	const {port, scheme} = target;
	const [bare = ''] = target.address.split('%', 1);
	const address = parseAddress(bare);
	if (address === undefined) return {isAllowed: false, why: `${bare} is not an address`};
	const written = writeAddress(address);
	const refuse = (why: string): TargetVerdict => ({isAllowed: false, why: `${written} ${why}`});

	// A gateway that translates would lead from an IPv6 address to the IPv4 address in it.
	const all = [address, ...embedded(address)];
	for (const [what, networks] of never) {
		if (all.some((one) => isWithin(one, networks))) {
			return refuse(`is ${what}: nothing is ever sent there`);
		}
	}
	const interfaces = policy.interfaces();
	const isHere = (one: Address) =>
		isWithin(one, namedNetworks.loopback) || interfaces.some((own) => isSame(own.address, one));
	// What listens on one address of this machine mostly listens on all of them.
	const leadsTo = (service: Address) =>
		all.some((one) => isSame(one, service) || (isHere(one) && isHere(service)));
	const isService = policy.services().some((service) => {
		const at = parseAddress(service.address);
		return service.port === port && at !== undefined && leadsTo(at);
	});
	if (isService) {
		return refuse(`port ${port} is a database of this appliance: nothing is ever sent there`);
	}
	if (isReserved(policy, port)) return refuse(`port ${port} ${reserved}`);
	const cidr = `${written}/${address.family === 4 ? 32 : 128}`;
	const opens = policy.allowedNetworks.filter((one) => isWithin(address, [one]));
	const own = interfaces.find(({subnet}) => isWithin(address, [subnet]))?.subnet;
	// A wide network that an operator opened does not open the one the databases are in.
	if (own !== undefined && !opens.some((one) => one.length >= own.length)) {
		return refuse(
			`is in a network of this appliance; LATCHKEY_WEBHOOK_ALLOWED_NETWORKS=${cidr} would allow it`,
		);
	}
	if (opens.length > 0) return {isAllowed: true, isPrivate: true};
	if (!isPublicAddress(written)) {
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

/**
 * Whether something may be sent to a name that only the operator's proxy can resolve. What it
 * resolves to is for the proxy to judge.
 */
export function judgeName(policy: TargetPolicy, target: Parameters<JudgeName>[0]): TargetVerdict {
	const {name, port, scheme} = target;
	const refuse = (why: string): TargetVerdict => ({isAllowed: false, why: `${name} ${why}`});
	if (!isPublicName(name)) {
		return refuse('cannot be resolved, and is not a name that the proxy is asked for');
	}
	if (isReserved(policy, port)) return refuse(`port ${port} ${reserved}`);
	if (scheme === 'http:') return refuse('is asked for without TLS; use https');
	return {isAllowed: true, isPrivate: false};
}

const reserved = 'is reserved; LATCHKEY_WEBHOOK_ALLOWED_PORTS would allow it';

function isReserved({allowedPorts}: TargetPolicy, port: number): boolean {
	return port < 1024 && port !== 80 && port !== 443 && !allowedPorts.includes(port);
}

/** The interfaces of this machine or container. */
export function ownInterfaces(): Interface[] {
	return Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.flatMap(({cidr}) => {
			const [written = '', length = ''] = cidr?.split('/') ?? [];
			const address = parseAddress(written);
			if (address === undefined) return [];
			return [{address, subnet: networkOf(address, Number(length))}];
		});
}

/** The IPv4 addresses that an IPv6 address leads to by way of a gateway. */
function embedded(address: Address): Address[] {
	const {family, bits} = address;
	// Nobody translates `::` and `::1`.
	if (family === 4 || bits <= 1n) return [];
	return translated
		.filter(({networks}) => isWithin(address, networks))
		.map(({at, turned}) => ({
			family: 4,
			bits: ((bits >> BigInt(128 - at - 32)) & 0xffff_ffffn) ^ turned,
		}));
}

function isSame(one: Address, other: Address): boolean {
	return one.family === other.family && one.bits === other.bits;
}
