import {isIP, SocketAddress} from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {
	canonicalAddress,
	isWithin,
	networksOf,
	parseAddress,
	parseNetwork,
	writeNetwork,
} from '../../contract/network.ts';

test('an address is one number, in whatever spelling', (t) => {
	for (const [address, family, bits] of [
		['0.0.0.0', 4, 0n],
		['10.0.0.1', 4, 0x0a_00_00_01n],
		['255.255.255.255', 4, 0xff_ff_ff_ffn],
		['::', 6, 0n],
		['::1', 6, 1n],
		['1::', 6, 1n << 112n],
		['2001:db8::8:800', 6, (0x20010db8n << 96n) | 0x00080800n],
		['2001:DB8:0:0:0:0:0008:0800', 6, (0x20010db8n << 96n) | 0x00080800n],
		['64:ff9b::10.0.0.1', 6, (0x0064ff9bn << 96n) | 0x0a000001n],
		['1:2:3:4:5:6:0.7.0.8', 6, 0x00010002_00030004_00050006_00070008n],
		['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 6, (1n << 128n) - 1n],
		['::ffff:10.0.0.1', 4, 0x0a_00_00_01n],
		['0:0:0:0:0:FFFF:a00:1', 4, 0x0a_00_00_01n],
		['::ffff:0:a00:1', 6, 0xffff_0000_0a00_0001n],
	] as const) {
		t.deepEqual(parseAddress(address), {family, bits}, address);
	}
});

/** Any address of IPv6, also with runs of zeros, which are what a spelling shortens. */
const ipv6 = fc
	.array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff)), {
		minLength: 8,
		maxLength: 8,
	})
	.map((groups) => groups.map((group) => group.toString(16)).join(':'));

test('the one spelling of an address is that of the kernel, IPv4 inside IPv6 as IPv4', (t) => {
	fc.assert(
		fc.property(ipv6, (long) => {
			const {address} = new SocketAddress({address: long, family: 'ipv6'});
			const expected = address.replace(/^::ffff:(?=\d+\.)/, '');
			return canonicalAddress(long) === expected && canonicalAddress(address) === expected;
		}),
		{numRuns: 5000},
	);
	t.pass();
});

test('what is read as an address is what Node reads as one, but for zones', (t) => {
	const groups = '0 1 00 01 256 255 1.2.3.4 10 ffff FFFF 12345 g '.split(' ');
	const pieces = fc.constantFrom(...groups);
	const separators = fc.constantFrom(':', '::', '.', '/', ' ', '%', ':');
	const odd = fc
		.array(fc.tuple(pieces, separators), {maxLength: 9})
		.chain((parts) => pieces.map((last) => parts.flat().join('') + last));
	fc.assert(
		fc.property(fc.oneof(odd, ipv6, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
			const isAddress = isIP(text) !== 0 && !text.includes('%');
			return (parseAddress(text) !== undefined) === isAddress;
		}),
		{numRuns: 20_000},
	);
	t.pass();
});

test('a network holds what begins with its bits, and nothing of the other family', (t) => {
	const holds = (network: string, address: string) => {
		const found = parseAddress(address);
		return found !== undefined && isWithin(found, networksOf(network));
	};
	for (const [network, inside, outside] of [
		['10.20.0.0/16', '10.20.255.255', '10.21.0.0'],
		['10.20.0.0/16', '::ffff:10.20.0.1', '::10.20.0.1'],
		['10.20.0.7', '10.20.0.7', '10.20.0.8'],
		['0.0.0.0/0', '255.255.255.255', '::'],
		['0.0.0.0/0', '::ffff:1.2.3.4', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
		['::/0', 'ffff::', '1.2.3.4'],
		['::/0', '::', '::ffff:1.2.3.4'],
		['::/64', '::1', '10.0.0.1'],
		['2001:db8::/33', '2001:db8:7fff::', '2001:db8:8000::'],
		['fd00::1', 'fd00:0:0::0001', 'fd00::2'],
	] as const) {
		t.true(holds(network, inside), `${inside} in ${network}`);
		t.false(holds(network, outside), `${outside} in ${network}`);
	}
	t.false(isWithin({family: 4, bits: 0n}, []));
});

test('a network is written in one way, and what is odd is refused with how to write it', (t) => {
	const read = (text: string) => {
		const found = parseNetwork(text);
		return 'fault' in found ? found.says : writeNetwork(found);
	};
	const form = 'must be a network such as 10.0.0.0/8 or 2001:db8::/32';
	const length = (width: number) => `must have a prefix length from 0 to ${width}, such as /24`;
	const inside = (network: string) =>
		`is an IPv4 network inside IPv6: write it as IPv4, ${network}`;
	for (const [text, expected] of [
		['10.20.0.0/16', '10.20.0.0/16'],
		['10.20.0.1', '10.20.0.1/32'],
		['2001:DB8:0:0::/32', '2001:db8::/32'],
		['0:0:0:0:0:0:0:1', '::1/128'],
		['0.0.0.0/0', '0.0.0.0/0'],
		['::/0', '::/0'],
		['10.20.30.40/16', 'has host bits set: write 10.20.0.0/16'],
		['2001:db8::1/64', 'has host bits set: write 2001:db8::/64'],
		['::ffff:10.1.0.0/104', 'has host bits set: write 10.0.0.0/8'],
		['::ffff:0:0/95', 'has host bits set: write ::fffe:0:0/95'],
		['::ffff:10.0.0.0/104', inside('10.0.0.0/8')],
		['::ffff:a00:1', inside('10.0.0.1/32')],
		['10.0.0.0/33', length(32)],
		['10.0.0.0/024', length(32)],
		['10.0.0.0/', length(32)],
		['10.0.0.0/-1', length(32)],
		['10.0.0.0/255.0.0.0', length(32)],
		['::/129', length(128)],
		['10.0.0.0/8/8', form],
		['010.0.0.1', form],
		['0x0a.0.0.1', form],
		['10.1', form],
		['167772161', form],
		['10.0.0.1:80', form],
		['[2001:db8::1]', form],
		['[2001:db8::1]:80', form],
		['fe80::1%eth0', form],
		['10.0.0.1-10.0.0.9', form],
		[' 10.0.0.1', form],
		['keys.example', form],
		['', form],
	] as const) {
		t.is(read(text), expected, text);
	}
	t.throws(() => networksOf('10.0.0.1/8'), {instanceOf: TypeError});
});
