import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import test from 'ava';
import {main} from '../../deploy/healthcheck.ts';

async function listen(status: number): Promise<{port: string; asked: string[]; server: Server}> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(request.url ?? '');
		response.writeHead(status).end();
	});
	const {promise, resolve} = Promise.withResolvers<void>();
	server.listen(0, '127.0.0.1', resolve);
	await promise;
	return {port: String((server.address() as AddressInfo).port), asked, server};
}

test('a live server is healthy, by /livez and not by what it depends on', async (t) => {
	const {port, asked, server} = await listen(200);
	t.teardown(() => server.close());
	t.is(await main('server', {LATCHKEY_PORT: port}), 0);
	t.is(await main(undefined, {LATCHKEY_PORT: port, LATCHKEY_LISTEN_HOST: '0.0.0.0'}), 0);
	t.is(await main('worker', {LATCHKEY_WORKER_PORT: port}), 0);
	t.deepEqual(asked, ['/livez', '/livez', '/livez']);
});

test('a server that answers anything else is not', async (t) => {
	const {port, server} = await listen(503);
	t.teardown(() => server.close());
	t.is(await main('server', {LATCHKEY_PORT: port}), 1);
});

test('nothing listening is not', async (t) => {
	const {port, server} = await listen(200);
	const {promise, resolve} = Promise.withResolvers<void>();
	server.close(() => resolve());
	await promise;
	t.is(await main('server', {LATCHKEY_PORT: port}), 1);
	t.is(await main('worker', {LATCHKEY_WORKER_PORT: ''}), 1);
});

test('a program that does not exist is not', async (t) => {
	const {port, server} = await listen(200);
	t.teardown(() => server.close());
	t.is(await main('sever', {LATCHKEY_PORT: port}), 1);
});
