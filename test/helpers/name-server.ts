import {createSocket} from 'node:dgram';

/** Says what a name has: addresses of IPv4 and IPv6, nothing (`absent`), or no answer at all. */
export type Zone = (name: string) => readonly string[] | 'absent' | 'silent';

export type NameServer = {
	address: string;
	/** Every question, as `name type`. */
	asked: string[];
	close: () => void;
};

const types: Record<number, 'A' | 'AAAA'> = {1: 'A', 28: 'AAAA'};

/** A name server (RFC 1035) that knows what a test tells it. */
export async function startNameServer(zone: Zone): Promise<NameServer> {
	const socket = createSocket('udp4');
	const asked: string[] = [];
	socket.on('message', (query, from) => {
		const labels: string[] = [];
		let at = 12;
		for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
			labels.push(query.subarray(at + 1, at + 1 + length).toString());
			at += length + 1;
		}
		const name = labels.join('.').toLowerCase();
		const type = types[query.readUInt16BE(at + 1)];
		asked.push(`${name} ${type ?? 'other'}`);
		const known = zone(name);
		if (known === 'silent') return;
		const records = known === 'absent' || type === undefined ? [] : known.filter(isOf(type));
		const head = Buffer.alloc(12);
		query.copy(head, 0, 0, 2);
		// An answer with recursion; code 3 says that there is no such name.
		head.writeUInt16BE(0x8180 | (known === 'absent' ? 3 : 0), 2);
		head.writeUInt16BE(1, 4);
		head.writeUInt16BE(records.length, 6);
		const question = query.subarray(12, at + 5);
		socket.send([head, question, ...records.map(recordOf)], from.port, from.address);
	});
	await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
	return {
		address: `127.0.0.1:${socket.address().port}`,
		asked,
		close: () => socket.close(),
	};
}

const isOf = (type: 'A' | 'AAAA') => (address: string) =>
	address.includes(':') === (type === 'AAAA');

function recordOf(address: string): Buffer {
	const bytes = address.includes(':')
		? Buffer.from(address.replaceAll(':', ''), 'hex')
		: Buffer.from(address.split('.').map(Number));
	const head = Buffer.alloc(12);
	// The name of the question.
	head.writeUInt16BE(0xc00c, 0);
	head.writeUInt16BE(bytes.length === 4 ? 1 : 28, 2);
	head.writeUInt16BE(1, 4);
	head.writeUInt16BE(bytes.length, 10);
	return Buffer.concat([head, bytes]);
}
