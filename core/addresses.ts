import {isIP} from 'node:net';

/** An address as one number, so that networks can be reckoned: 32 bits of IPv4, 128 of IPv6. */
export function addressBits(address: string): bigint {
	if (isIP(address) === 4) return joined(octets(address), 8n);
	const [head = '', tail = ''] = address.split('::');
	const [before, after] = [groups(head), groups(tail)];
	const zeros = Array.from({length: 8 - before.length - after.length}, () => 0);
	return joined([...before, ...zeros, ...after], 16n);
}

function groups(text: string): number[] {
	if (text === '') return [];
	return text.split(':').flatMap((group) => {
		if (!group.includes('.')) return [parseInt(group, 16)];
		const [a = 0, b = 0, c = 0, d = 0] = octets(group);
		return [a * 256 + b, c * 256 + d];
	});
}

function octets(text: string): number[] {
	return text.split('.').map(Number);
}

function joined(parts: readonly number[], bits: bigint): bigint {
	return parts.reduce((sum, part) => (sum << bits) | BigInt(part), 0n);
}
