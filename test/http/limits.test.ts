import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {openLine, parseAnswers, requestText, wire, wireOne, type Line} from './wire.ts';

const mostInFlight = 3;
const mostConnections = 12;

/** With the limits it has by default. */
const {appliance, server} = await openServer();
/** With limits that are soon reached. */
const small = await appliance.startServer({
	LATCHKEY_MAX_IN_FLIGHT: String(mostInFlight),
	LATCHKEY_MAX_CONNECTIONS: String(mostConnections),
});
const jwt = await server.logIn();
const {key} = await makeKey(server, jwt, (await defaultOrganisation(server, jwt)).id);

test.after.always(() => appliance.stop());

const json = 'Content-Type: application/json';
const auth = () => `Authorization: Bearer ${key}`;
const source = '{"name":"a","type":"t"}';
/** A request whose body does not come. */
const bodiless = (...lines: string[]) =>
	requestText('POST /api/v1/sources', [json, `Content-Length: ${source.length}`, ...lines]);
const timeoutBody = '{"error":"The request took too long to arrive"}';

/** Sends a byte every now and then until the connection is closed. */
async function drip(line: Line, byte: string): Promise<void> {
	const timer = setInterval(() => line.socket.writable && line.socket.write(byte), 400);
	await line.closed;
	clearInterval(timer);
}

test.serial(
	'S-37: clients that send slowly are all closed, and others are served meanwhile',
	async (t) => {
		const starts: [what: string, text: string, byte: string, expected: RegExp][] = [
			['nothing at all', '', '', /^$|408/],
			['a request line without end', 'GET /', 'a', /^HTTP\/1\.1 408 /],
			['headers without end', 'GET /livez HTTP/1.1\r\nHost: a\r\nX-A: ', 'a', /^HTTP\/1\.1 408 /],
			[
				'header lines without end',
				'GET /livez HTTP/1.1\r\nHost: a\r\n',
				'a:\r\n',
				/^HTTP\/1\.1 408 /,
			],
			['a body that stalls', bodiless(auth()), '', /^HTTP\/1\.1 408 /],
			[
				'a body without end',
				`${bodiless(auth()).replace(/Content-Length: \d+/, 'Content-Length: 60000')}`,
				' ',
				/^HTTP\/1\.1 408 /,
			],
			['a refused body', bodiless(), '', /^HTTP\/1\.1 401 /],
			[
				'a refused body without end',
				bodiless().replace(/Content-Length: \d+/, 'Content-Length: 60000'),
				' ',
				/^HTTP\/1\.1 401 /,
			],
			[
				'chunks without end',
				requestText('POST /api/v1/sources', [auth(), json, 'Transfer-Encoding: chunked']),
				'1\r\n \r\n',
				/^HTTP\/1\.1 408 /,
			],
		];
		const lines = await Promise.all(
			starts
				.flatMap((start) => Array.from({length: 12}, () => start))
				.map(async ([what, text, byte, expected]) => {
					const line = await openLine(server);
					if (text !== '') line.socket.write(text.replace('Connection: close\r\n', ''));
					const done = byte === '' ? line.closed : drip(line, byte);
					return {what, line, done, expected};
				}),
		);
		let open = lines.length;
		for (const {done} of lines) void done.then(() => open--);
		let served = 0;
		while (open > 0) {
			t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
			served++;
			await setTimeout(50);
		}
		t.true(served > 0);
		for (const {what, line, expected} of lines) {
			t.regex(line.received(), expected, what);
			if (!line.received().includes(' 408 ')) continue;
			t.true(line.received().endsWith(timeoutBody), what);
			appliance.heard(line.received());
		}
		// What was logged before this line is there when it is.
		const last = await server.call('/api/v1/setup');
		t.is(last.status, 200);
		await eventually(() => server.output().includes(String(last.headers['request-id'])));
		t.notRegex(server.output(), /"level":"(error|fatal)"|"status":5\d\d/);
	},
);

test.serial(
	'S-38: beyond the requests in hand the answer is 503 at once, and health goes on',
	async (t) => {
		// A revocation waits for a server that stands still: seconds, until its lease has run out.
		const jwt = await server.logIn();
		const {id} = await defaultOrganisation(server, jwt);
		const keys = await Promise.all(
			Array.from({length: mostInFlight}, () => makeKey(small, jwt, id)),
		);
		server.kill('SIGSTOP');
		const held = keys.map((each) =>
			small.call(`/api/v1/organizations/${id}/api-keys/${each.id}`, {
				method: 'DELETE',
				bearer: jwt,
			}),
		);
		await eventually(
			async () => (await small.call('/api/v1/sources', {bearer: key})).status === 503,
		);
		const refused = await wireOne(small, requestText('GET /api/v1/sources', [auth()]));
		t.is(refused.status, 503);
		t.is(refused.body, '{"error":"The server is at capacity, try again"}');
		t.deepEqual(refused.values('Retry-After'), ['1']);
		t.deepEqual(refused.values('Latchkey-Error-Code'), ['overloaded']);
		t.deepEqual(refused.values('Content-Type'), ['application/json; charset=utf-8']);
		for (const path of ['/livez', '/readyz', '/metrics']) {
			t.is((await small.call(path)).status, 200, path);
		}
		server.kill('SIGCONT');
		t.deepEqual(
			(await Promise.all(held)).map(({status}) => status),
			[200, 200, 200],
		);
		t.is((await wireOne(small, requestText('GET /api/v1/sources', [auth()]))).status, 200);
	},
);

test.serial('bodies that are awaited, however many, take no place of a request', async (t) => {
	const held = await Promise.all(
		Array.from({length: mostConnections - 2}, async () => {
			const line = await openLine(small);
			line.socket.write(bodiless(auth(), 'Expect: 100-continue'));
			await eventually(() => line.received().includes('100 Continue'));
			line.socket.write(source.slice(0, 1));
			return line;
		}),
	);
	t.is((await wireOne(small, requestText('GET /api/v1/sources', [auth()]))).status, 200);
	// All at once they may be more than can be worked on.
	for (const line of held) line.socket.write(source.slice(1));
	const statuses = await Promise.all(
		held.map(async (line) => {
			await line.closed;
			return parseAnswers(line.received()).at(-1)?.status ?? 0;
		}),
	);
	t.true(statuses.includes(201));
	t.true(statuses.every((status) => status === 201 || status === 503));
});

test.serial('S-38: connections beyond the limit are closed at once and counted', async (t) => {
	const dropped = async () => {
		const {text} = await small.call('/metrics');
		return Number(/^latchkey_connections_dropped_total (\d+)$/m.exec(text)?.[1]);
	};
	const before = await dropped();
	const held = await Promise.all(Array.from({length: mostConnections}, () => openLine(small)));
	const extra = await Promise.all(Array.from({length: 5}, () => openLine(small)));
	await Promise.all(extra.map(({closed}) => closed));
	t.true(extra.every((line) => line.received() === ''));
	// Who was there first is served.
	const [first] = held;
	first?.socket.write(requestText('GET /livez'));
	await first?.closed;
	t.regex(first?.received() ?? '', /^HTTP\/1\.1 200 /);
	for (const line of held) line.socket.destroy();
	await Promise.all(held.map(({closed}) => closed));
	const after = await eventually(dropped);
	t.is(after, before + 5);
});

test.serial(
	'S-38: a burst over every limit is answered or closed, and leaves a whole server',
	async (t) => {
		const outcomes = await Promise.all(
			Array.from({length: 150}, () =>
				small.call('/api/v1/sources', {bearer: key}).then(
					({status}) => status,
					() => 'closed',
				),
			),
		);
		for (const outcome of outcomes) t.true([200, 503, 'closed'].includes(outcome), String(outcome));
		t.true(outcomes.includes(200));
		t.is(
			await eventually(async () => (await small.call('/api/v1/sources', {bearer: key})).status),
			200,
		);
	},
);

test('what a client sends without end is cut off', async (t) => {
	for (const [what, first, more] of [
		['a target', 'GET /', 'a'.repeat(1000)],
		['a header line', 'GET /livez HTTP/1.1\r\nHost: a\r\nX-A: ', 'a'.repeat(1000)],
		['header lines', 'GET /livez HTTP/1.1\r\nHost: a\r\n', 'X-A: aaaaaaaaaa\r\n'.repeat(50)],
		[
			'trailers',
			requestText('POST /api/v1/sources', [auth(), json, 'Transfer-Encoding: chunked'], '0\r\n'),
			'X-A: aaaaaaaaaa\r\n'.repeat(50),
		],
		[
			'chunk extensions',
			requestText('POST /api/v1/sources', [auth(), json, 'Transfer-Encoding: chunked'], '1;'),
			'a'.repeat(1000),
		],
	] as const) {
		const line = await openLine(server);
		line.socket.write(first);
		const timer = setInterval(() => line.socket.writable && line.socket.write(more), 2);
		await line.closed;
		clearInterval(timer);
		// A reset may overtake the answer.
		t.regex(line.received(), /^$|^HTTP\/1\.1 4(00|13|31) /, what);
	}
});

test('S-9: headers of more than 16 KiB answer 431 as JSON, wherever they are large', async (t) => {
	for (const text of [
		requestText(`GET /${'a'.repeat(17_000)}`),
		requestText(`GET /livez?${'a'.repeat(17_000)}`),
		requestText('GET /livez', [`Cookie: ${'a'.repeat(17_000)}`]),
		requestText('GET /livez', [`${'a'.repeat(17_000)}: a`]),
		requestText(
			'GET /livez',
			Array.from({length: 900}, (_, index) => `X-${index}: aaaaaaaaaaaaaaaa`),
		),
	]) {
		const answer = await wireOne(server, text);
		t.is(answer.status, 431);
		t.is(answer.body, '{"error":"Request headers are too large"}');
		t.deepEqual(answer.values('Content-Type'), ['application/json; charset=utf-8']);
		t.deepEqual(answer.values('Latchkey-Error-Code'), ['headers_too_large']);
	}
	const large = requestText('GET /livez', [`Cookie: ${'a'.repeat(14_000)}`]);
	t.is((await wireOne(server, large)).status, 200);
});

test.serial('a refused client that keeps its side open holds no connection', async (t) => {
	for (const text of [
		'nonsense\r\n\r\n',
		'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
		'GET /livez HTTP/1.1\r\nHost: a\r\n',
		requestText('GET /livez', ['X-A : b']),
		requestText('GET /livez', [`X-A: ${'a'.repeat(17_000)}`]),
		requestText('GET /livez'),
		requestText('GET http://a/livez'),
		requestText('TRACE /livez'),
		requestText('POST /api/v1/sources', ['Expect: nothing', 'Content-Length: 5']),
	]) {
		const held = await Promise.all(
			Array.from({length: mostConnections}, () => openLine(small, {stubborn: true})),
		);
		for (const {socket} of held) socket.write(text);
		await Promise.all(held.map(({ended}) => ended));
		const answer = await eventually(() => small.call('/livez'), {what: `a place after ${text}`});
		t.is(answer.status, 200);
		for (const {socket} of held) socket.destroy();
	}
});

test('an idle connection may be used again, and is told for how long', async (t) => {
	const [first, second] = await wire(
		server,
		requestText('GET /livez').replace('Connection: close\r\n', ''),
		requestText('GET /livez'),
	);
	t.deepEqual(first?.values('Keep-Alive'), ['timeout=960, max=1000']);
	t.deepEqual(second?.values('Connection'), ['close']);
});
