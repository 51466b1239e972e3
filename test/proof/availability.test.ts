import test from 'ava';
import {longFreeze, timesUntilBack} from './availability.ts';
import type {Operation} from './history.ts';

const use = (server: string, sentAt: number, answeredAt: number, status: number): Operation => ({
	kind: 'use',
	organisation: 'o',
	key: 'k',
	server,
	sentAt,
	answeredAt,
	status,
	unconfirmed: [],
});
const freeze = {kind: longFreeze, from: 1000, to: 8000};

test('a server is back when it has refused the last check, or answered the slowest', (t) => {
	const operations = [
		use('server 1', 7000, 7100, 503),
		use('server 1', 8100, 8200, 503),
		use('server 1', 8300, 8400, 200),
		use('server 1', 8900, 9000, 403),
		use('server 2', 7900, 9500, 401),
	];
	t.deepEqual(timesUntilBack({operations, faults: [freeze]}), [1500]);
	t.deepEqual(timesUntilBack({operations: operations.slice(0, 4), faults: [freeze]}), [200]);
});

test('what another fault does is not counted, and what lasts is', (t) => {
	const operations = [use('server 1', 8100, 8200, 200), use('server 1', 9600, 9700, 503)];
	const kill = {kind: 'kill a server', server: 'server 1', from: 9000, to: 9500};
	t.deepEqual(timesUntilBack({operations, faults: [freeze, kill]}), [100]);
	const other = {...kill, server: 'server 2'};
	t.deepEqual(timesUntilBack({operations, faults: [freeze, other]}), [1700]);
	t.deepEqual(timesUntilBack({operations, faults: [other]}), []);
});
