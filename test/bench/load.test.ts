import {writeFile} from 'node:fs/promises';
import {createServer, type RequestListener, type Server} from 'node:http';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {chooser} from '../../bench/load/choice.ts';
import {readResponse} from '../../bench/load/response.ts';
import type {Job} from '../../bench/load/job.ts';
import {startLoad} from '../../bench/load/start.ts';
import {faults} from '../../bench/summary.ts';
import {targets} from '../../bench/targets.ts';
import {eventually} from '../helpers/program.ts';
import {testServices} from '../helpers/environment.ts';

const urls = Array.from({length: 40}, (_, i) => `/${i}`);

/**
 * Each request of the file once, on a server of the test's own: however slow the machine, it ends
 * with the last answer and never with the time.
 */
async function measure(
	t: ExecutionContext,
	listener: RequestListener,
	change?: (s: Server) => void,
	job: Partial<Job> = {},
) {
	const server = createServer(listener);
	change?.(server);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	const requestsFile = path.join(testServices().directory, `load-${address.port}.requests`);
	await writeFile(requestsFile, urls.map((url) => `${url} key-of-${url.slice(1)}`).join('\n'));
	const load = startLoad();
	t.teardown(load.stop);
	return load.measure(
		{
			port: address.port,
			requestsFile,
			status: 200,
			connections: 4,
			choice: 'once',
			warmupMs: 50,
			measureMs: 1000,
			serverPid: process.pid,
			...job,
		},
		new AbortController().signal,
	);
}

test('the load sends any request of its file, each with its own key, for a time', async (t) => {
	const seen = new Set<string>();
	// A busy machine may give it no time to count anything at first, or to come to all of them.
	const measured = await eventually(async () => {
		const each = await measure(
			t,
			(request, response) => {
				seen.add(`${request.url} ${request.headers.authorization}`);
				response.end('{}');
			},
			undefined,
			{choice: 'random'},
		);
		return each.requests > 0 && seen.size >= urls.length && each;
	});
	t.deepEqual(
		[...seen].toSorted(),
		urls.map((url) => `${url} Bearer key-of-${url.slice(1)}`).toSorted(),
	);
	t.is(measured.failureCount, 0);
	t.true(measured.p50Ms > 0 && measured.p99Ms >= measured.p50Ms, JSON.stringify(measured));
	t.true(measured.seconds >= 0.99, JSON.stringify(measured));
	t.true(measured.serverRssBytes > 1024 ** 2, JSON.stringify(measured));
});

test('a connection that is closed in good order is opened again', async (t) => {
	let connections = 0;
	const measured = await measure(
		t,
		(_request, response) => response.end('{}'),
		(server) => {
			server.maxRequestsPerSocket = 3;
			server.on('connection', () => connections++);
		},
	);
	t.is(measured.failureCount, 0);
	t.is(measured.requests, urls.length);
	t.true(connections >= urls.length / 3, String(connections));
});

test('an answer with another status is a failure and no measured request', async (t) => {
	const measured = await measure(t, (_request, response) => {
		response.statusCode = 503;
		response.end('{"error":"busy"}');
	});
	t.is(measured.requests, 0);
	t.is(measured.failureCount, urls.length);
	t.is(measured.failures[0], 'answered 503 instead of 200: {"error":"busy"}');

	const [target] = targets;
	if (target === undefined) throw new Error('no targets');
	const lines = faults([{...target, target, bodyBytes: 2, rounds: [measured]}]);
	t.true(lines.some((line) => line.includes('requests failed')));
	t.true(lines.some((line) => line.includes('without a single answer')));
});

test('each request is sent exactly once where that is asked for', async (t) => {
	const seen: (string | undefined)[] = [];
	const measured = await measure(t, (request, response) => {
		seen.push(request.url);
		response.end('{}');
	});
	t.deepEqual(seen.map(String).toSorted(), urls.toSorted());
	t.is(measured.requests, urls.length);
	t.is(measured.failureCount, 0);
});

test('a skewed choice comes to all of them, and to the first ones far more often', (t) => {
	const count = 100;
	const draws = 100_000;
	const seen = Array.from({length: count}, () => 0);
	const next = chooser('zipf', count);
	for (let i = 0; i < draws; i++) {
		const index = next() ?? -1;
		seen[index] = (seen[index] ?? NaN) + 1;
	}
	t.true(seen.every((times) => times > 0));
	const share = (seen[0] ?? 0) / draws;
	t.true(Math.abs(share - Math.log(2) / Math.log(count + 1)) < 0.02);
	t.is(Object.keys(seen).length, count);
});

test('a paced load stays below what it is told', async (t) => {
	const measured = await measure(t, (_request, response) => response.end('{}'), undefined, {
		requestsPerSecond: 100,
	});
	t.is(measured.requests, urls.length);
	t.true(measured.requests / measured.seconds < 200);
	t.is(measured.failureCount, 0);
});

test('a connection that breaks is a failure', async (t) => {
	const measured = await measure(t, (request) => request.socket.destroy());
	t.is(measured.requests, 0);
	t.is(measured.failureCount, 4);
});

test('an answer is read however it is cut, and nothing else passes for one', (t) => {
	const whole = Buffer.from(
		'HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\nConnection: close\r\n\r\n12345',
	);
	for (let end = 0; end < whole.length; end++) {
		t.is(readResponse(whole.subarray(0, end)), undefined);
	}
	t.like(readResponse(whole), {status: 401, closes: true});
	t.throws(() => readResponse(Buffer.concat([whole, whole])), {message: /more bytes/});
	t.throws(
		() => readResponse(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')),
		{
			message: /Content-Length/,
		},
	);
	t.throws(() => readResponse(Buffer.from('SSH-2.0\r\n\r\n')), {message: /not HTTP/});
});
