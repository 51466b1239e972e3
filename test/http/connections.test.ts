import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {openLine, parseAnswers, requestText, wire, wireOne} from './wire.ts';

const {appliance, server} = await openServer({LATCHKEY_KEEP_ALIVE_SECONDS: '1'});
const jwt = await server.logIn();
const {key} = await makeKey(server, jwt, (await defaultOrganisation(server, jwt)).id);

test.after.always(() => appliance.stop());

test.after('of what came with a refusal or after it, nothing was done', async (t) => {
	const answer = await server.call('/api/v1/sources', {bearer: key});
	const names = (answer.json() as {name: string}[]).map(({name}) => name);
	t.deepEqual(
		names.filter((name) => name.startsWith('never')),
		[],
	);
	t.notRegex(server.output(), /"level":"(error|fatal)"|"status":5(?!01)\d\d/);
});

const malformedBody = '{"error":"Malformed HTTP request"}';
const json = 'Content-Type: application/json';
const auth = () => `Authorization: Bearer ${key}`;
const statuses = (answers: readonly {status: number}[]) => answers.map(({status}) => status);
/** A request on a connection that stays open. */
const open = (line: string, lines: readonly string[] = [], body = '') =>
	requestText(line, lines, body).replace('Connection: close\r\n', '');

/** A request that shows in the list of sources if it is done. */
const making = (name: string) => {
	const body = JSON.stringify({name, type: 'webhook'});
	return open('POST /api/v1/sources', [auth(), json, `Content-Length: ${body.length}`], body);
};

const chunked = (lines: readonly string[], body: string) =>
	open('POST /api/v1/sources', [...lines, json, 'Transfer-Encoding: chunked'], body);

test('after 408 nothing is done of what comes: the rest of a body, of a head, and what is behind it', async (t) => {
	const whole = making('never: late');
	for (const [what, first] of [
		['in the body', whole.slice(0, -5)],
		['in the head', whole.slice(0, 40)],
		['in a head behind an answered request', `${open('GET /livez')}${whole.slice(0, 40)}`],
	] as const) {
		const line = await openLine(server, {stubborn: true});
		line.socket.write(first);
		await line.ended;
		const rest = whole.slice(first.replace(open('GET /livez'), '').length);
		line.socket.write(rest + making('never: behind'));
		await setTimeout(500);
		line.socket.destroy();
		const answers = parseAnswers(line.received());
		t.is(answers.at(-1)?.body, '{"error":"The request took too long to arrive"}', what);
		t.is(answers.length, what.includes('behind') ? 2 : 1, what);
	}
});

test('what is whole is answered before what is refused behind it, and nothing is done after that', async (t) => {
	const refusals: [what: string, text: string, status: number][] = [
		['a broken chunk', chunked([auth()], 'zz\r\n'), 400],
		['a broken head', open('GET /livez', ['X-A : b']), 400],
		['no request', 'nonsense\r\n\r\n', 400],
		['a large head', open('GET /livez', [`Cookie: ${'a'.repeat(17_000)}`]), 431],
		['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
		['an expectation', open('GET /livez', ['Expect: nothing']), 417],
		['a target of a proxy', open('GET http://a/livez'), 400],
	];
	for (const [what, text, status] of refusals) {
		const answers = await wire(
			server,
			making(`before ${what}`),
			open('GET /api/v1/sources', [auth()]),
			text,
			making(`never: behind ${what}`),
		);
		t.deepEqual(statuses(answers), [201, 200, status], what);
		t.deepEqual(answers[2]?.values('Connection'), ['close'], what);
	}
});

test('a body that is refused for its size, while it still comes, ends the connection', async (t) => {
	const large = ' '.repeat(200_000);
	for (const [text, sent] of [
		[open('POST /api/v1/sources', [auth(), json, `Content-Length: ${large.length}`], large), 1000],
		[chunked([auth()], `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`), 100_000],
	] as const) {
		const line = await openLine(server, {stubborn: true});
		line.socket.write(text.slice(0, sent));
		await line.ended;
		line.socket.end(text.slice(sent) + making('never: behind a large body'));
		await line.closed;
		const answers = parseAnswers(line.received());
		t.deepEqual(statuses(answers), [413]);
		t.deepEqual(answers[0]?.values('Connection'), ['close']);
	}
});

test('what is behind a large body is done if it is answered, and else not', async (t) => {
	for (const size of [66_000, 200_000]) {
		const large = ' '.repeat(size);
		for (const [what, refused] of [
			['length', open('POST /api/v1/sources', [auth(), json, `Content-Length: ${size}`], large)],
			['chunks', chunked([auth()], `${size.toString(16)}\r\n${large}\r\n0\r\n\r\n`)],
		] as const) {
			const name = `behind ${size} bytes by ${what}`;
			const last = open('GET /livez', ['Connection: close']);
			const answers = await wire(server, refused, making(name), last);
			const isOpen = answers[0]?.values('Connection')[0] !== 'close';
			t.deepEqual(statuses(answers), isOpen ? [413, 201, 200] : [413], name);
			const sources = await server.call('/api/v1/sources', {bearer: key});
			const names = (sources.json() as {name: string}[]).map((source) => source.name);
			t.is(names.includes(name), isOpen, name);
		}
	}
});

test('a request has one answer, also if its body breaks after it', async (t) => {
	for (const rest of ['zz\r\n', `0\r\nX-A : b\r\n\r\n`]) {
		const line = await openLine(server);
		line.socket.write(chunked([], ''));
		await eventually(() => line.received().includes('}'));
		if (line.socket.writable) line.socket.write(rest + making('never: behind a broken body'));
		await line.closed;
		const answers = parseAnswers(line.received());
		t.deepEqual(statuses(answers), [401]);
		t.deepEqual(answers[0]?.values('Connection'), ['close']);
	}
});

test('a client that has closed its side gets its answers', async (t) => {
	for (const [text, expected] of [
		[open('GET /livez'), [200]],
		[open('GET /api/v1/keys/self', [auth()]), [200]],
		[making('half closed'), [201]],
		[making('half closed') + open('GET /api/v1/sources', [auth()]), [201, 200]],
		[open('GET /livez') + making('never: cut off').slice(0, -5), [200, 400]],
		[making('never: cut off').slice(0, -5), [400]],
		[making('never: cut off').slice(0, 30), [400]],
	] as const) {
		const line = await openLine(server, {stubborn: true});
		line.socket.end(text);
		await line.closed;
		t.deepEqual(statuses(parseAnswers(line.received())), expected, text);
	}
});

test('a length without a body is answered and ends the connection: what follows is not a body', async (t) => {
	for (const [what, line, lines, status] of [
		['a decision', 'GET /api/v1/forward-auth', [auth(), 'Content-Length: 500'], 200],
		['a refusal', 'GET /api/v1/forward-auth', ['Content-Length: 500'], 401],
		['a known key', 'GET /api/v1/keys/self', [auth(), 'Content-Length: 500'], 200],
		['HEAD', 'HEAD /api/v1/forward-auth', [auth(), 'Content-Length: 500'], 200],
		['chunks', 'GET /api/v1/forward-auth', [auth(), 'Transfer-Encoding: chunked'], 200],
		['a body that is not looked at', 'POST /api/v1/sources', [json, 'Content-Length: 500'], 401],
	] as const) {
		await server.call('/api/v1/keys/self', {bearer: key});
		const connection = await openLine(server);
		connection.socket.write(open(line, lines));
		await connection.closed;
		const answers = parseAnswers(connection.received(), {head: line.startsWith('HEAD')});
		t.deepEqual(statuses(answers), [status], what);
		t.deepEqual(answers[0]?.values('Connection'), ['close'], what);
	}
	// What is not a body keeps the connection.
	const answers = await wire(
		server,
		open('GET /api/v1/forward-auth', [auth(), 'Content-Length: 0']),
		open('GET /api/v1/forward-auth', [auth(), 'Content-Length: 3'], 'abc'),
		requestText('GET /livez'),
	);
	t.deepEqual(statuses(answers), [200, 200, 200]);
});

test('a malformed absolute target is a malformed request', async (t) => {
	for (const target of [
		'http://',
		'http://[::1/x',
		'http://[/x',
		'http://a:b/x',
		'http://%/x',
		'https://',
		'://',
		'a:',
		'a:80',
		'?',
		'?x',
		'%',
		'[',
	]) {
		const answer = await wireOne(server, requestText(`GET ${target}`));
		t.is(answer.status, 400, target);
		t.is(answer.body, malformedBody, target);
		t.deepEqual(answer.values('Content-Type'), ['application/json; charset=utf-8'], target);
	}
	// Within a path anything may stand; none of it is a fault of ours.
	for (const path of ['/#', '/a#b', '/[', '/%', '//[', '//a:b@', '/\\', '/?#', '/;', '/\u00A0']) {
		const {status} = await wireOne(server, requestText(`GET ${path}`));
		t.is(status, path.includes('\u00A0') ? 400 : 404, path);
	}
});

test('a connection may be used a while longer than a client is told', async (t) => {
	const line = await openLine(server);
	line.socket.write(open('GET /livez'));
	await eventually(() => line.received().includes('}'));
	t.deepEqual(parseAnswers(line.received())[0]?.values('Keep-Alive'), ['timeout=1, max=1000']);
	await setTimeout(4000);
	line.socket.write(requestText('GET /livez'));
	await line.closed;
	t.deepEqual(statuses(parseAnswers(line.received())), [200, 200]);
});
