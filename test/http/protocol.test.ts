import test from 'ava';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';
import {defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {rawCall} from '../helpers/http.ts';
import {openAppliance, withEveryRoute} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {openLine, parseAnswers, requestText, wire, wireOne} from './wire.ts';

const {appliance, server, jwt} = await openAppliance(withEveryRoute);
const organisationId = (await defaultOrganisation(server, jwt)).id;
const {key} = await makeKey(server, jwt, organisationId);

test.after.always(() => appliance.stop());

test.after('no request that stood behind a refused one was run', async (t) => {
	t.is(await countSources(), 0);
});

const malformedBody = '{"error":"Malformed HTTP request"}';
const newSource = '{"name":"smuggled","type":"webhook"}';
const json = 'Content-Type: application/json';
const auth = () => `Authorization: Bearer ${key}`;
const statuses = (answers: readonly {status: number}[]) => answers.map(({status}) => status);
/** A request on a connection that stays open. */
const open = (line: string, lines: readonly string[] = [], body = '') =>
	requestText(line, lines, body).replace('Connection: close\r\n', '');

/** A request that would show: sources are counted at the end. */
const behind = () =>
	requestText(
		'POST /api/v1/sources',
		[auth(), json, `Content-Length: ${newSource.length}`],
		newSource,
	);

async function countSources(): Promise<number> {
	const answer = await server.call('/api/v1/sources', {bearer: key});
	return (answer.json() as unknown[]).length;
}

/** Sends bytes that must be refused as a whole, with a request behind them that must not be run. */
const refuses = test.macro({
	exec: async (t, make: () => string) => {
		const [answer, ...more] = await wire(server, make(), behind());
		t.is(answer?.status, 400);
		t.is(answer?.body, malformedBody);
		t.deepEqual(answer?.values('Content-Type'), ['application/json; charset=utf-8']);
		t.deepEqual(answer?.values('Connection'), ['close']);
		t.is(more.length, 0, 'one answer, then the connection is closed');
	},
	title: (title) => `refused with 400, and nothing behind it is run: ${title}`,
});

// S-10: what another parser could read in another way.
const headerFaults: Record<string, string> = {
	'NUL in a value': 'X-A: a\0b',
	'bare CR in a value': 'X-A: a\rb',
	'bare LF in a value': 'X-A: a\nX-B: b',
	'folded line': 'X-A: a\r\n b',
	'folded first line': ' X-A: a',
	'blank before the colon': 'Authorization : Bearer x',
	'tab before the colon': 'Authorization\t: Bearer x',
	'line without a colon': 'X-A',
	'empty name': ': a',
	'name with a bracket': 'X(A): a',
	'name with a byte above ASCII': 'X-\u00C4: a',
	'control in a value': 'X-A: a\u0001b',
};
for (const [title, line] of Object.entries(headerFaults)) {
	test(`S-10: ${title}`, refuses, () => open('GET /api/v1/sources', [auth(), line]));
}

// S-17
test('S-17: no Host', refuses, () => `GET /livez HTTP/1.1\r\n${auth()}\r\n\r\n`);
test('S-17: two Host lines', refuses, () => open('GET /livez', ['Host: other.test']));
test('S-17: two equal Host lines', refuses, () => open('GET /livez', ['Host: latchkey.localhost']));
test('S-17: no version', refuses, () => 'GET /livez\r\n\r\n');
test('S-17: version 2.0', refuses, () => 'GET /livez HTTP/2.0\r\nHost: a\r\n\r\n');
test('S-17: version 1.2', refuses, () => 'GET /livez HTTP/1.2\r\nHost: a\r\n\r\n');
test('S-17: version 0.9', refuses, () => 'GET /livez HTTP/0.9\r\nHost: a\r\n\r\n');
test('S-17: HTTP/2 preface', refuses, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
test('S-17: lower-case method', refuses, () => 'get /livez HTTP/1.1\r\nHost: a\r\n\r\n');
test('S-17: TLS hello', refuses, () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n');
test('S-17: blank in the target', refuses, () => 'GET /livez x HTTP/1.1\r\nHost: a\r\n\r\n');
test('S-17: target of a proxy', refuses, () => open('GET http://latchkey.test/livez'));
test('S-17: target of a proxy with a path that needs a key', refuses, () =>
	open('GET http://latchkey.test/api/v1/sources', [auth()]),
);
test('S-17: target that is an asterisk', refuses, () => open('OPTIONS *'));

// S-20
const framings: Record<string, readonly string[]> = {
	'Content-Length and Transfer-Encoding': ['Content-Length: 3', 'Transfer-Encoding: chunked'],
	'Transfer-Encoding and Content-Length': ['Transfer-Encoding: chunked', 'Content-Length: 3'],
	'two equal Content-Length': ['Content-Length: 2', 'Content-Length: 2'],
	'two Content-Length': ['Content-Length: 2', 'Content-Length: 3'],
	'Content-Length list': ['Content-Length: 2, 2'],
	'Content-Length with a sign': ['Content-Length: +2'],
	'negative Content-Length': ['Content-Length: -2'],
	'hexadecimal Content-Length': ['Content-Length: 0x2'],
	'blank inside Content-Length': ['Content-Length: 1 2'],
	'huge Content-Length': [`Content-Length: ${'9'.repeat(30)}`],
	'unknown coding': ['Transfer-Encoding: xchunked'],
	identity: ['Transfer-Encoding: identity'],
	'chunked that is not last': ['Transfer-Encoding: chunked, identity'],
	'another coding before chunked': ['Transfer-Encoding: gzip, chunked'],
	'chunked twice': ['Transfer-Encoding: chunked, chunked'],
	'chunked on two lines': ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
	'vertical tab before chunked': ['Transfer-Encoding: \u000Bchunked'],
	'quoted chunked': ['Transfer-Encoding: "chunked"'],
};
for (const [title, lines] of Object.entries(framings)) {
	test(`S-20: ${title}`, refuses, () =>
		open('POST /api/v1/sources', [auth(), json, ...lines], '2\r\n{}\r\n0\r\n\r\n'),
	);
}
test('S-17: two Host lines where a decision comes first', refuses, () =>
	open('GET /api/v1/keys/self', [auth(), 'Host: other.test']),
);
test('S-20: another coding where a decision comes first', refuses, () =>
	open(
		'GET /api/v1/keys/self',
		[auth(), 'Transfer-Encoding: gzip, chunked'],
		'2\r\n{}\r\n0\r\n\r\n',
	),
);
test('S-20: chunked in HTTP/1.0', refuses, () =>
	[
		'POST /api/v1/sources HTTP/1.0',
		auth(),
		json,
		'Connection: keep-alive',
		'Transfer-Encoding: chunked',
		'',
		'2\r\n{}\r\n0\r\n\r\n',
	].join('\r\n'),
);
for (const chunk of [
	'zz\r\n{}\r\n',
	'-2\r\n{}\r\n',
	'0x2\r\n{}\r\n',
	'+2\r\n{}\r\n',
	'2 \r\n{}\r\n',
	'2\n{}\r\n',
	'2\r\n{}0\r\n',
	'2\r\n{}\n',
	'FFFFFFFFFFFFFFFFF\r\n{}\r\n',
	'\r\n{}\r\n',
]) {
	test(`S-20: chunk ${JSON.stringify(chunk)}`, refuses, () =>
		open('POST /api/v1/sources', [auth(), json, 'Transfer-Encoding: chunked'], `${chunk}0\r\n\r\n`),
	);
}

test('S-18: methods that the API does not have answer 501, and nothing is echoed', async (t) => {
	for (const method of ['TRACE', 'PROPFIND', 'PURGE', 'M-SEARCH', 'QUERY', 'FOO', 'X-DELETE']) {
		const answer = await wireOne(
			server,
			requestText(`${method} /api/v1/sources`, [auth(), 'X-Mark: do not echo']),
		);
		t.is(answer.status, 501, method);
		t.is(answer.body, '{"error":"Method not implemented"}');
		t.deepEqual(answer.values('Content-Type'), ['application/json; charset=utf-8']);
		t.false(`${answer.head}${answer.body}`.includes('do not echo'));
	}
	const tunnel = await wireOne(server, 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n');
	t.is(tunnel.status, 501);
	t.is(tunnel.body, '{"error":"Method not implemented"}');
});

test('an offer to change the protocol is ignored and the request answered', async (t) => {
	const offers = [
		['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAA'],
		[
			'Connection: Upgrade',
			'Upgrade: websocket',
			'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
			'Sec-WebSocket-Version: 13',
		],
	];
	for (const offer of offers) {
		const line = await openLine(server);
		const body = '{"name":"","type":"webhook"}';
		for (const [index, text] of [
			open('GET /api/v1/sources', [auth(), ...offer]),
			open(
				'POST /api/v1/sources',
				[auth(), ...offer, json, `Content-Length: ${body.length}`],
				body,
			),
		].entries()) {
			line.socket.write(text);
			await eventually(() => parseAnswers(line.received()).length === index + 1);
		}
		line.socket.write(requestText('GET /livez'));
		await line.closed;
		const answers = parseAnswers(line.received());
		t.deepEqual(statuses(answers), [200, 400, 200]);
		t.is(answers[1]?.body, '{"error":"name is required"}');
	}
});

test('S-19: no spelling of a protected path answers without a credential', async (t) => {
	const paths = [
		'/api/v1/sources',
		'/api/v1/keys/self',
		`/api/v1/organizations/${organisationId}/api-keys`,
	];
	const spellings = (path: string) => [
		path,
		path.toUpperCase(),
		path.replace('api', 'Api'),
		`${path}/`,
		`${path}//`,
		`/${path}`,
		`//latchkey.test${path}`,
		path.replaceAll('/', '//'),
		path.replace('/v1', '/./v1'),
		path.replace('/v1', '/x/../v1'),
		path.replace('/v1', '/%2e/v1'),
		path.replace('/v1', '/x/%2e%2e/v1'),
		path.replace('/v1', '/v1;x'),
		path.replaceAll('/', '%2f'),
		`/livez/..${path}`,
		`/livez/%2e%2e${path}`,
		`/livez%2f..${path}`,
		`/livez;${path}`,
		`${path};x=1`,
		`${path}%00`,
		`${path}%00/livez`,
		`${path}%20`,
		`${path}%0a`,
		`${path}%zz`,
		`${path}%`,
		`${path}/.`,
		`${path}/..`,
		`${path}/../sources`,
		`${path}?x=/livez`,
		`${path}?`,
		`${path}.json`,
		path.replace('v1', '%76%31'),
		path.replace('api', '%61pi'),
		path.replaceAll('/', '\\'),
		`${path}/%2e%2e/%2e%2e/%2e%2e/livez`,
	];
	for (const path of paths.flatMap(spellings)) {
		for (const method of ['GET', 'POST', 'DELETE', 'HEAD']) {
			const bytes = await rawCall(server.url, requestText(`${method} ${path}`));
			const status = Number(/^HTTP\/1\.1 (\d+)/.exec(bytes)?.[1]);
			// 405: the path exists, and has no such method.
			t.true([400, 401, 404, 405].includes(status), `${method} ${path}: ${status}`);
		}
	}
});

test('a path has one spelling, with a credential too', async (t) => {
	for (const path of [
		'//api/v1/sources',
		'/api/v1/sources/',
		'/API/v1/sources',
		'/api/v1/./sources',
		'/api/v1/x/../sources',
		'/api//v1/sources',
	]) {
		const answer = await wireOne(server, requestText(`GET ${path}`, [auth()]));
		t.is(answer.status, 404, path);
		t.is(answer.body, '{"error":"Not found"}');
	}
});

test('S-20: a pipeline of valid requests gets exactly as many answers, in order', async (t) => {
	const body = '{"name":"","type":"x"}';
	const round = [
		{text: open('GET /livez'), status: 200},
		{text: open('GET /api/v1/sources'), status: 401},
		{text: open('GET /api/v1/sources', [auth(), 'Content-Length: 5'], 'GET /'), status: 200},
		{
			text: open('POST /api/v1/sources', [auth(), json, `Content-Length: ${body.length}`], body),
			status: 400,
		},
		{
			text: open(
				'POST /api/v1/sources',
				[auth(), json, 'Transfer-Encoding: chunked'],
				`${body.length.toString(16)};a=b\r\n${body}\r\n0\r\nX-Trailer: x\r\n\r\n`,
			),
			status: 400,
		},
		// Refused before its body is read: the body must not become a request.
		{
			text: open(
				'POST /api/v1/sources',
				[`Content-Length: ${open('GET /livez').length}`],
				open('GET /livez'),
			),
			status: 401,
		},
		{text: open('GET /api/v1/keys/self', [auth()]), status: 200},
		{text: open('GET /api/v1/keys/self', [auth(), 'Content-Length: 5'], 'GET /'), status: 200},
		{text: open('GET /nothing'), status: 404},
		{text: open('PATCH /livez'), status: 405},
	];
	const rounds = Array.from({length: 5}, () => round).flat();
	const answers = await wire(server, ...rounds.map(({text}) => text), requestText('GET /livez'));
	t.deepEqual(statuses(answers), [...rounds.map(({status}) => status), 200]);
});

test('a whole request before a malformed one is answered before the connection ends', async (t) => {
	const answers = await wire(
		server,
		open('GET /api/v1/sources', [auth()]),
		open('GET /livez'),
		open('GET /livez', ['X-A : b']),
		open('GET /livez'),
	);
	t.deepEqual(statuses(answers), [200, 200, 400]);
	t.is(answers[2]?.body, malformedBody);
});

test('a connection takes 1,000 requests and says so before it ends', async (t) => {
	const answers = await wire(server, open('GET /livez').repeat(1001));
	t.is(answers.length, 1000);
	t.true(answers.every(({status}) => status === 200));
	t.deepEqual(answers[998]?.values('Connection'), ['keep-alive']);
	t.deepEqual(answers[999]?.values('Connection'), ['close']);
});

test('HEAD answers as GET does, without the body', async (t) => {
	for (const [path, lines] of [
		['/livez', []],
		['/readyz', []],
		['/metrics', []],
		['/api/v1/sources', [auth()]],
		['/api/v1/sources', []],
		['/api/v1/setup', []],
		['/nothing', []],
	] as const) {
		const [got] = parseAnswers(await rawCall(server.url, requestText(`GET ${path}`, lines)));
		const bytes = await rawCall(server.url, requestText(`HEAD ${path}`, lines));
		const [head] = parseAnswers(bytes, {head: true});
		t.is(head?.status, got?.status, path);
		t.deepEqual(head?.values('Content-Type'), got?.values('Content-Type'));
		t.deepEqual(head?.values('WWW-Authenticate'), got?.values('WWW-Authenticate'));
		// The measurements differ from one call to the next.
		if (path !== '/metrics') {
			t.deepEqual(head?.values('Content-Length'), got?.values('Content-Length'), path);
		}
		t.true(bytes.endsWith('\r\n\r\n'));
	}
});

test('every path answers 405 and its methods to the methods that it does not have', async (t) => {
	const byPath = new Map<string, Set<string>>();
	for (const {method, path} of Object.values(routes) as Route[]) {
		const methods = byPath.get(path) ?? new Set();
		methods.add(method);
		if (method === 'GET') methods.add('HEAD');
		byPath.set(path, methods);
	}
	for (const [template, methods] of byPath) {
		const path = template.replace(/:\w+/g, '00000000-0000-4000-8000-000000000000');
		for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
			if (methods.has(method)) continue;
			const answer = await wireOne(server, requestText(`${method} ${path}`, [auth()]));
			t.is(answer.status, 405, `${method} ${path}`);
			t.is(answer.body, '{"error":"Method not allowed"}');
			const [allow = ''] = answer.values('Allow');
			t.deepEqual(allow.split(', ').toSorted(), [...methods].toSorted(), `${method} ${path}`);
		}
	}
});

test('Expect: 100-continue is answered first; other expectations answer 417', async (t) => {
	const body = '{"name":"","type":"webhook"}';
	const lines = [auth(), json, `Content-Length: ${body.length}`];
	const text = requestText('POST /api/v1/sources', [...lines, 'Expect: 100-continue'], body);
	const answers = await wire(server, text);
	t.deepEqual(statuses(answers), [100, 400]);
	t.is(answers[1]?.body, '{"error":"name is required"}');
	const other = await wireOne(
		server,
		open('POST /api/v1/sources', [...lines, 'Expect: the-unexpected'], body),
		behind(),
	);
	t.is(other.status, 417);
	t.is(other.body, '{"error":"Expectation not supported"}');
	t.deepEqual(other.values('Content-Type'), ['application/json; charset=utf-8']);
});

test('HTTP/1.0 is served, with or without Host', async (t) => {
	for (const host of ['', 'Host: a\r\n']) {
		const answer = await wireOne(
			server,
			`GET /api/v1/sources HTTP/1.0\r\n${host}${auth()}\r\n\r\n`,
		);
		t.is(answer.status, 200);
		t.deepEqual(answer.values('Connection'), ['close']);
	}
});

test('S-63: query parameters: encoded ones are read, doubled and unknown ones refused', async (t) => {
	const ask = async (query: string) => {
		const answer = await wireOne(server, requestText(`GET /api/v1/sources?${query}`, [auth()]));
		return [answer.status, answer.status === 200 ? '' : answer.body];
	};
	const limit = '{"error":"limit must be a whole number from 1 to 1000"}';
	const cursor = '{"error":"cursor is not valid"}';
	const unknown = (name: string) => JSON.stringify({error: `Unknown query parameter: ${name}`});
	t.deepEqual(await ask('limit=%31'), [200, '']);
	t.deepEqual(await ask('%6cimit=1'), [200, '']);
	t.deepEqual(await ask('limit=1000'), [200, '']);
	t.deepEqual(await ask(''), [200, '']);
	for (const value of [
		'0',
		'-1',
		'+1',
		'1.0',
		'1e3',
		'1e21',
		'0x10',
		'1001',
		'9999',
		'10000',
		'NaN',
		'Infinity',
		'',
		'%20',
		'1%20',
		'1;drop',
		"1'%20or%20'1'='1",
		'%00',
		'%FF',
		'%',
		'%D9%A1',
	]) {
		t.deepEqual(await ask(`limit=${value}`), [400, limit], value);
	}
	t.deepEqual(await ask('limit=1&limit=2'), [400, limit]);
	t.deepEqual(await ask('limit=1&limit=1'), [400, limit]);
	t.deepEqual(await ask('limit=1&%6cimit=1'), [400, limit]);
	for (const value of ['', 'a', '%00', 'a'.repeat(600), "'%20or%201=1--", 'AAAA'.repeat(20)]) {
		t.deepEqual(await ask(`cursor=${value}`), [400, cursor], value);
	}
	t.deepEqual(await ask('cursor=a&cursor=b'), [400, cursor]);
	t.deepEqual(await ask('limit[]=1'), [400, unknown('limit[]')]);
	t.deepEqual(await ask('LIMIT=1'), [400, unknown('LIMIT')]);
	t.deepEqual(await ask('__proto__=1'), [400, unknown('__proto__')]);
	t.deepEqual(await ask('constructor=1'), [400, unknown('constructor')]);
	t.deepEqual(await ask('sort=hash'), [400, unknown('sort')]);
	t.deepEqual(await ask('%1b[2J=1'), [400, unknown('?[2J')]);
	t.deepEqual(await ask(`${'x'.repeat(200)}=1`), [400, unknown('x'.repeat(64))]);
});
