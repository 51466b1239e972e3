import type {IncomingMessage} from 'node:http';
import test from 'ava';
import {proxies as parseProxies} from '../../core/config/parse.ts';
import {clientAddress, originOf} from '../../server/http/client-address.ts';

/** A request from a peer, with X-Forwarded-For lines as they came. */
function from(remoteAddress: string | undefined, ...lines: string[]) {
	return {
		socket: {remoteAddress},
		rawHeaders: ['Host', 'a.example', ...lines.flatMap((line) => ['X-Forwarded-for', line])],
	} as unknown as IncomingMessage;
}

const proxies = parseProxies('10.0.0.0/8, ::1/128, 2001:db8:1::/48');

test('S-70: from a peer that is not trusted X-Forwarded-For is nothing', (t) => {
	t.is(clientAddress(from('192.0.2.1', '198.51.100.1'), proxies), '192.0.2.1');
	t.is(clientAddress(from('192.0.2.1', '198.51.100.1'), undefined), '192.0.2.1');
	t.is(clientAddress(from('127.0.0.1', '198.51.100.1'), []), '127.0.0.1');
	t.is(clientAddress(from('192.0.2.1', 'nonsense'), proxies), '192.0.2.1');
});

test('S-71: from a trusted peer the first hop from the right that is not trusted is the client', (t) => {
	t.is(clientAddress(from('10.0.0.1', '198.51.100.1'), proxies), '198.51.100.1');
	t.is(clientAddress(from('10.0.0.1', '6.6.6.6, 198.51.100.1'), proxies), '198.51.100.1');
	t.is(clientAddress(from('10.0.0.1', '6.6.6.6, 198.51.100.1, 10.9.9.9'), proxies), '198.51.100.1');
	t.is(clientAddress(from('::1', '6.6.6.6,198.51.100.1,2001:db8:1::7'), proxies), '198.51.100.1');
	t.is(clientAddress(from('10.0.0.1', '10.0.0.3, 10.0.0.2'), proxies), '10.0.0.3', 'none is left');
});

test('a trusted peer that does not say for whom it asks has no address to hold networks against', (t) => {
	const origin = (request: IncomingMessage, trusted: typeof proxies | undefined = proxies) =>
		originOf(request, trusted, clientAddress(request, trusted));
	t.is(clientAddress(from('10.0.0.1'), proxies), '10.0.0.1', 'it stays the address of last use');
	t.is(origin(from('10.0.0.1')), undefined);
	t.is(origin(from('::ffff:10.0.0.1')), undefined);
	t.is(origin(from('10.0.0.1', '10.0.0.1')), '10.0.0.1', 'it was said');
	t.is(origin(from('10.0.0.1', '198.51.100.1')), '198.51.100.1');
	t.is(origin(from('10.0.0.1', '10.0.0.3, 10.0.0.2')), '10.0.0.3');
	t.is(origin(from('192.0.2.1')), '192.0.2.1', 'the peer itself');
	t.is(origin(from('192.0.2.1', '198.51.100.1')), '192.0.2.1');
	t.is(origin(from('10.0.0.1', 'nonsense')), undefined);
	t.is(origin(from(undefined)), undefined);
	t.is(originOf(from('10.0.0.1'), undefined, '10.0.0.1'), '10.0.0.1', 'no proxies');
});

test('S-72: two lines are one list, in their order', (t) => {
	t.is(clientAddress(from('10.0.0.1', '6.6.6.6', '198.51.100.1'), proxies), '198.51.100.1');
	t.is(clientAddress(from('10.0.0.1', '198.51.100.1', '10.0.0.2'), proxies), '198.51.100.1');
	t.is(
		clientAddress(from('10.0.0.1', '6.6.6.6, 198.51.100.1', '10.0.0.2'), proxies),
		'198.51.100.1',
	);
});

test('S-73: a hop that is not an address makes the client unknown; it is never stepped over', (t) => {
	for (const hop of [
		'',
		'unknown',
		'_hidden',
		'198.51.100.1:',
		'198.51.100.1:http',
		'198.51.100.1:1234:5',
		'198.51.100.1:123456',
		'[198.51.100.1]:1234',
		'[2001:db8::1',
		'2001:db8::1]:443',
		'[2001:db8::1]443',
		'[2001:db8::1]:',
		'[fe80::1%eth0]:443',
		'[]',
		':443',
		'010.0.0.1',
		'0x0a.0.0.1',
		'10.1',
		'256.0.0.1',
		'10.0.0.1%eth0',
		'fe80::1%eth0',
		'2001:db8:1::1%eth0',
		'for=198.51.100.1',
		'198.51.100.1 10.0.0.2',
		"' or 1=1",
	]) {
		t.is(clientAddress(from('10.0.0.1', hop), proxies), undefined, hop);
		t.is(clientAddress(from('10.0.0.1', `6.6.6.6, ${hop}, 10.0.0.2`), proxies), undefined, hop);
		t.is(clientAddress(from('10.0.0.1', `${hop}, 198.51.100.1`), proxies), '198.51.100.1', hop);
	}
});

test('S-71: a port that a balancer writes is not part of the address', (t) => {
	for (const [hop, client] of [
		['203.0.113.7:51234', '203.0.113.7'],
		['[2001:db8::1]:443', '2001:db8::1'],
		['[2001:DB8:0::1]', '2001:db8::1'],
		['[::ffff:203.0.113.7]:443', '203.0.113.7'],
	] as const) {
		t.is(clientAddress(from('10.0.0.1', hop), proxies), client, hop);
		t.is(clientAddress(from('10.0.0.1', `6.6.6.6:1, ${hop}, 10.0.0.2:80`), proxies), client, hop);
	}
	t.is(clientAddress(from('10.0.0.1', '10.0.0.3:1, [2001:db8:1::7]:2'), proxies), '10.0.0.3');
	// Two clients behind the same balancer are two.
	t.not(
		clientAddress(from('10.0.0.1', '203.0.113.7:1'), proxies),
		clientAddress(from('10.0.0.1', '203.0.113.8:1'), proxies),
	);
});

test('S-74: a trusted peer that says nothing is the client itself', (t) => {
	t.is(clientAddress(from('10.0.0.1'), proxies), '10.0.0.1');
});

test('S-75: an address has one spelling, IPv4 in IPv6 is IPv4', (t) => {
	t.is(clientAddress(from('::ffff:192.0.2.1'), undefined), '192.0.2.1');
	t.is(clientAddress(from('::ffff:10.0.0.1', '::ffff:198.51.100.1'), proxies), '198.51.100.1');
	t.is(clientAddress(from('::ffff:10.0.0.1', '::FFFF:c633:6401'), proxies), '198.51.100.1');
	t.is(clientAddress(from('10.0.0.1', '::ffff:0a00:2'), proxies), '10.0.0.2', 'trusted, too');
	t.is(clientAddress(from('10.0.0.1', '2001:DB8:0:0::0001'), proxies), '2001:db8::1');
});

test('S-75: only the zone of a link-local peer is dropped', (t) => {
	t.is(clientAddress(from('fe80::1%eth0'), undefined), 'fe80::1');
	t.is(clientAddress(from('2001:db8::1%eth0'), undefined), undefined);
	t.is(clientAddress(from(undefined), proxies), undefined, 'a socket that is gone');
});
