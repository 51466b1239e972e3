import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test from 'ava';
import {createCaller} from '../../bench/caller.ts';
import type {Program} from '../../bench/program.ts';

test('whoever waits for an answer stops waiting when the run is interrupted', async (t) => {
	// Takes requests, and answers the first one alone.
	let asked = 0;
	const server = createServer((_request, response) => {
		if (++asked === 1) response.end('answered');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.closeAllConnections());
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const program = {port} as Program;

	const interrupted = new AbortController();
	const caller = createCaller(interrupted.signal);
	t.teardown(caller.close);
	t.like(await caller.send(program, '/', {bearer: ''}), {status: 200, text: 'answered'});
	const waiting = caller.send(program, '/', {bearer: ''});
	await once(server, 'request');
	interrupted.abort();
	await t.throwsAsync(waiting, {name: 'AbortError'});
	await t.throwsAsync(caller.send(program, '/', {bearer: ''}), {name: 'AbortError'});
});
