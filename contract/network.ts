/*
Addresses and networks as people write them: read, compared, and written in one spelling. An IPv4
address inside IPv6 (`::ffff:10.0.0.1`) is that IPv4 address; beside that the two families have
nothing in common, so `::/0` is all of IPv6 and no IPv4. (`BlockList` of Node finds IPv4 in `::/0`;
libraries read `10.1`, `0x0a.0.0.1` and `010.0.0.1`, too, and not all read them alike.)
*/

type Family = 4 | 6;

/** An address as one number: 32 bits of IPv4, 128 of IPv6. */
export type Address = {family: Family; bits: bigint};

/** A network: its first and last address, and how many bits those begin with in common. */
export type Network = {family: Family; first: bigint; last: bigint; length: number};

/** Why a text is refused as a network: a sentence without its subject, and what seems to be meant. */
export type NetworkFault =
	| {fault: 'form'; says: string}
	| {fault: 'host_bits' | 'mapped'; says: string; meant: Network};

const widths: Readonly<Record<Family, number>> = {4: 32, 6: 128};

const form = 'must be a network such as 10.0.0.0/8 or 2001:db8::/32';

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4Form = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}$`);

/** @returns undefined for what is not an address, or has a zone, a port or brackets */
export function parseAddress(text: string): Address | undefined {
	const read = readAddress(text);
	return read !== undefined && isMapped(read) ? ipv4In(read) : read;
}

/** The one spelling of an address (RFC 5952), which is also the kernel's. */
export function writeAddress({family, bits}: Address): string {
	if (family === 4) return dotted(bits);
	// Where 96 bits are zeros, the kernel takes the rest for an IPv4 address, but for `::` and `::1`.
	if (bits > 0xffffn && bits <= 0xffff_ffffn) return `::${dotted(bits)}`;
	const groups = parts(bits, 8, 16n);
	const zeros = longestZeros(groups);
	const hex = (from: number, to: number) =>
		groups
			.slice(from, to)
			.map((group) => group.toString(16))
			.join(':');
	return zeros === undefined ? hex(0, 8) : `${hex(0, zeros.from)}::${hex(zeros.to, 8)}`;
}

/** The one spelling of an address that somebody wrote; undefined for what is not an address. */
export function canonicalAddress(text: string): string | undefined {
	// IPv4 is read in its one spelling only.
	if (ipv4Form.test(text)) return text;
	const address = parseAddress(text);
	return address && writeAddress(address);
}

/** Reads a network such as `10.20.0.0/16`; an address is a network of one. */
export function parseNetwork(text: string): Network | NetworkFault {
	const [written = '', length, ...rest] = text.split('/');
	const address = readAddress(written);
	if (address === undefined || rest.length > 0) return {fault: 'form', says: form};
	const width = widths[address.family];
	if (length !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > width)) {
		return {fault: 'form', says: `must have a prefix length from 0 to ${width}, such as /24`};
	}
	const whole = networkOf(address, length === undefined ? width : Number(length));
	const isInside = isMapped(address) && whole.length >= 96;
	const meant = isInside ? networkOf(ipv4In(address), whole.length - 96) : whole;
	if (whole.first !== address.bits) {
		return {fault: 'host_bits', says: `has host bits set: write ${writeNetwork(meant)}`, meant};
	}
	if (!isInside) return whole;
	const says = `is an IPv4 network inside IPv6: write it as IPv4, ${writeNetwork(meant)}`;
	return {fault: 'mapped', says, meant};
}

/** The one spelling of a network: always with its length. */
export function writeNetwork({family, first, length}: Network): string {
	return `${writeAddress({family, bits: first})}/${length}`;
}

/** The network of so many leading bits that an address is in. */
export function networkOf({family, bits}: Address, length: number): Network {
	const host = (1n << BigInt(widths[family] - length)) - 1n;
	const last = bits | host;
	return {family, first: last ^ host, last, length};
}

/** Whether an address is in one of some networks. */
export function isWithin({family, bits}: Address, networks: readonly Network[]): boolean {
	return networks.some((one) => one.family === family && one.first <= bits && bits <= one.last);
}

/** Networks that are written in the code. @throws {TypeError} for what is not a network */
export function networksOf(...texts: readonly string[]): readonly Network[] {
	return texts.map((text) => {
		const network = parseNetwork(text);
		if ('fault' in network) throw new TypeError(`${text} ${network.says}`);
		return network;
	});
}

/** Networks that are not of the public internet, by the names that people have for them. */
export const namedNetworks = {
	loopback: networksOf('127.0.0.0/8', '::1/128'),
	linklocal: networksOf('169.254.0.0/16', 'fe80::/10'),
	private: networksOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'),
};

/** All of them. */
export const localNetworks = Object.values(namedNetworks).flat();

function readAddress(text: string): Address | undefined {
	const ipv4 = readIPv4(text);
	if (ipv4 !== undefined) return {family: 4, bits: BigInt(ipv4)};
	const bits = readIPv6(text);
	return bits === undefined ? undefined : {family: 6, bits};
}

function readIPv4(text: string): number | undefined {
	const octets = ipv4Form.exec(text)?.slice(1).map(Number);
	return octets?.reduce((sum, one) => sum * 256 + one, 0);
}

function readIPv6(text: string): bigint | undefined {
	const [head = '', tail, ...rest] = text.split('::');
	const before = readGroups(head, tail === undefined);
	const after = tail === undefined ? [] : readGroups(tail, true);
	if (before === undefined || after === undefined || rest.length > 0) return undefined;
	const zeros = 8 - before.length - after.length;
	if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined;
	const groups = [...before, ...Array.from({length: zeros}, () => 0), ...after];
	return groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

/** @param isEnd whether an IPv4 address may stand in place of the last two */
function readGroups(text: string, isEnd: boolean): number[] | undefined {
	if (text === '') return [];
	const read: number[] = [];
	const written = text.split(':');
	for (const [index, group] of written.entries()) {
		const ipv4 = isEnd && index === written.length - 1 ? readIPv4(group) : undefined;
		if (ipv4 !== undefined) read.push(Math.floor(ipv4 / 65_536), ipv4 % 65_536);
		else if (/^[\da-f]{1,4}$/i.test(group)) read.push(parseInt(group, 16));
		else return undefined;
	}
	return read;
}

/** An IPv4 address inside IPv6 (RFC 4291, 2.5.5.2). */
function isMapped({family, bits}: Address): boolean {
	return family === 6 && bits >> 32n === 0xffffn;
}

function ipv4In({bits}: Address): Address {
	return {family: 4, bits: bits & 0xffff_ffffn};
}

function dotted(bits: bigint): string {
	return parts(bits & 0xffff_ffffn, 4, 8n).join('.');
}

/** A number in `count` parts of so many bits each. */
function parts(bits: bigint, count: number, width: bigint): number[] {
	return Array.from({length: count}, (_, index) =>
		Number((bits >> (width * BigInt(count - 1 - index))) & ((1n << width) - 1n)),
	);
}

/** The longest run of groups that are zero, the first of several; one group alone is written out. */
function longestZeros(groups: readonly number[]): {from: number; to: number} | undefined {
	let longest = {from: 0, to: 1};
	let from = 0;
	for (const [index, group] of groups.entries()) {
		if (group !== 0) from = index + 1;
		else if (index + 1 - from > longest.to - longest.from) longest = {from, to: index + 1};
	}
	return longest.to - longest.from > 1 ? longest : undefined;
}
