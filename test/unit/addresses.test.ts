import {SocketAddress} from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {addressBits} from '../../core/addresses.ts';

test('an address is one number, in whatever spelling', (t) => {
	for (const [address, bits] of [
		['0.0.0.0', 0n],
		['10.0.0.1', 0x0a_00_00_01n],
		['255.255.255.255', 0xff_ff_ff_ffn],
		['::', 0n],
		['::1', 1n],
		['1::', 1n << 112n],
		['2001:db8::8:800', (0x20010db8n << 96n) | 0x00080800n],
		['2001:DB8:0:0:0:0:0008:0800', (0x20010db8n << 96n) | 0x00080800n],
		['64:ff9b::10.0.0.1', (0x0064ff9bn << 96n) | 0x0a000001n],
		['1:2:3:4:5:6:0.7.0.8', 0x00010002_00030004_00050006_00070008n],
		['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', (1n << 128n) - 1n],
	] as const) {
		t.is(addressBits(address), bits, address);
	}
});

test('the short spelling of any IPv6 address is the number of its long one', (t) => {
	fc.assert(
		fc.property(fc.bigInt({min: 0n, max: (1n << 128n) - 1n}), fc.nat(112), (number, shift) => {
			// Also with runs of zeros, which are what a spelling shortens.
			const bits = (number >> BigInt(shift)) << BigInt(shift);
			const long = bits
				.toString(16)
				.padStart(32, '0')
				.replaceAll(/.{4}(?!$)/g, '$&:');
			const {address} = new SocketAddress({address: long, family: 'ipv6'});
			return addressBits(long) === bits && addressBits(address) === bits;
		}),
	);
	t.pass();
});
