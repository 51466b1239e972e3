import {brotliCompressSync, deflateSync, gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {
	administrator,
	defaultOrganisation,
	makeKey,
	makeOrganisation,
} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {openLine, requestText, wireOne} from './wire.ts';

const {appliance, server, db, jwt} = await openAppliance();
const organisationId = (await defaultOrganisation(server, jwt)).id;
const {key} = await makeKey(server, jwt, organisationId);

test.after.always(() => appliance.stop());

const syntaxBody = '{"error":"Request body is not valid JSON"}';

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
	server.call('/api/v1/sources', {bearer: key, body, headers});
const bytes = (...values: number[]) => Buffer.from(values);
const around = (inside: Buffer | string) =>
	Buffer.concat([Buffer.from('{"name":"'), Buffer.from(inside), Buffer.from('","type":"t"}')]);

/** S-36: an error says one sentence, and nothing about what it runs on. */
function isPlainError(t: ExecutionContext, answer: Answer, what: string) {
	t.true(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
	const body = answer.json() as {error: string};
	t.deepEqual(Object.keys(body), ['error'], what);
	t.is(typeof body.error, 'string');
	t.true(body.error.length < 200, what);
	t.notRegex(
		answer.text,
		/\bat \w+.*:\d+|node:|node_modules|\.[jt]s\b|\/(work|home|app|usr|tmp|var)\/|select |insert |update .* set|postgres|knex|koa|zod|pg_|22P0|undefined|\[object/i,
		what,
	);
}

// S-31. The texts are those on which JSON parsers are known to differ.
const valid: string[] = [
	'{}',
	'[]',
	'null',
	'true',
	'false',
	'0',
	'-0',
	'1e1',
	'1E+2',
	'-1.5e-10',
	'0.1',
	'123456789012345678901234567890',
	'""',
	'"\\u0061\\/\\b\\f\\n\\r\\t\\"\\\\"',
	'"\\uD83D\\uDE00"',
	'"\u2028\u2029"',
	'"\u007F"',
	'"\u{10FFFF}\uFFFF"',
	' \t\r\n{} \t\r\n',
	'{"a":{}}',
	'{"":0}',
	'{"a":[[],{},null,true,1,"x"]}',
	'[1,\n2\r\n,\t3 ]',
	'["",[],{},0]',
	'{"\\u0061":1,"b":2}',
	'{"a":"a","A":"a"}',
	'{"constructor":1}',
	'{"prototype":{"a":1}}',
	'{"a":"__proto__"}',
	'"\\""',
];
const invalid: string[] = [
	'{',
	'}',
	'[',
	']',
	'[}',
	'{]',
	'[1,]',
	'[,1]',
	'[1,,2]',
	'[1 2]',
	'{"a":1,}',
	'{,"a":1}',
	'{"a"}',
	'{"a":}',
	'{"a":1 "b":2}',
	'{"a" 1}',
	'{"a"::1}',
	"{'a':1}",
	'{a:1}',
	'{1:1}',
	'{"a":1}}',
	'{}{}',
	'[]]',
	'{} x',
	'1 2',
	'tru',
	'True',
	'nul',
	'undefined',
	'NaN',
	'-NaN',
	'Infinity',
	'-Infinity',
	'01',
	'-01',
	'+1',
	'1.',
	'.1',
	'-',
	'-.1',
	'1e',
	'1e+',
	'1.e1',
	'0x1',
	'1_000',
	'0b1',
	'1n',
	'"',
	'"a',
	'"\\"',
	'"\\x41"',
	'"\\a"',
	'"\\u12"',
	'"\\uZZZZ"',
	'"\\U0041"',
	'"\\0"',
	'"\\\n"',
	'"a\nb"',
	'"a\tb"',
	'"a\u0000b"',
	'"a\u001Fb"',
	"'a'",
	'`a`',
	'// c\n{}',
	'{}// c',
	'/* c */{}',
	'{"a":1/* c */}',
	'#',
	'\u00A0{}',
	'{}\u00A0',
	'\u2028{}',
	'\u000B{}',
	'\u000C{}',
	'{"a":1;"b":2}',
	'<a/>',
	'a=b',
	'[1}',
	'{"a":[1}',
	'{"a":1]',
	'["a":1]',
	'*',
	' ',
	'\r\n',
	'\u0000',
	'{}\u0000',
	'{"a":true,"b":tru}',
];
/** Here the standard leaves the choice (RFC 8259, 8 and 9); it must be taken without falling over. */
const either: (string | Buffer)[] = [
	'1e400',
	'-1e400',
	'1e-400',
	'0e99999999999999',
	'1'.repeat(400),
	'"\\uD800"',
	'"\\uDC00\\uD800"',
	'["\\uD800\\uD800"]',
	'{"\\uDFAA":0}',
	'"\\u0000"',
	'{"\\u0000":1}',
	'"\uFEFF"',
	'\uFEFF{}',
	'\uFEFF\uFEFF{}',
	'"\uFFFE"',
	'"\u{1FFFE}"',
	'0.0000000000000000000000000000000000000000000000000000000000000000000001',
	'123123e100000',
	'-123123123123123123123123123123',
	`"${'x'.repeat(60_000)}"`,
	`[${'1,'.repeat(20_000)}1]`,
	`{${Array.from({length: 4000}, (_, index) => `"${index}":1`).join()}}`,
	`[${'[],'.repeat(15_000)}[]]`,
	`"${'\\u0041'.repeat(10_000)}"`,
];

test('S-31: valid JSON is read', async (t) => {
	for (const text of valid) {
		const answer = await post(text);
		t.not(answer.headers['latchkey-error-code'], 'invalid_json', text);
		isPlainError(t, answer, text);
	}
});

test('S-31: what is not JSON is refused', async (t) => {
	for (const text of invalid) {
		const answer = await post(text);
		t.is(answer.status, 400, JSON.stringify(text));
		t.is(answer.text, syntaxBody, JSON.stringify(text));
		const inside = await post(`{"name":"a","type":${text}}`);
		t.is(inside.status, 400, JSON.stringify(text));
	}
});

test('S-31: where the standard leaves a choice, the answer is a decision, never a fault', async (t) => {
	for (const text of either) {
		isPlainError(t, await post(text), text.toString().slice(0, 60));
		const inside = await post(`{"name":"a","type":"t","more":${text.toString()}}`);
		isPlainError(t, inside, text.toString().slice(0, 60));
	}
});

test('text is kept as it was sent, in whatever way it was escaped', async (t) => {
	for (const [literal, expected] of [
		['"\\u0061\\u00e9\\uD83D\\uDE00"', 'aé😀'],
		['"aé😀"', 'aé😀'],
		['"\\"\\\\\\/"', '"\\/'],
		['"\uFFFD \u{10FFFF}"', '\uFFFD \u{10FFFF}'],
		['"  inner  and outer  "', '  inner  and outer  '],
		['"e\u0301"', 'e\u0301'],
	] as const) {
		const answer = await post(`{"name":${literal},"type":"t"}`);
		t.is(answer.status, 201, literal);
		const {id, name} = answer.json() as {id: string; name: string};
		t.is(name, expected);
		const again = await server.call(`/api/v1/sources/${id}`, {bearer: key});
		t.is((again.json() as {name: string}).name, expected);
	}
	// JSON may hold line separators as they are (RFC 8259, 7); a name may not.
	const separated = await post('{"name":"a\u2028b","type":"t"}');
	t.is(separated.status, 400);
	t.is(separated.text, '{"error":"name must not contain control characters"}');
});

test('S-32: bytes that are not UTF-8 are refused, not repaired', async (t) => {
	const broken: Record<string, Buffer> = {
		'a continuation byte alone': bytes(0x80),
		'a first byte alone': bytes(0xc3),
		'a sequence cut off': bytes(0xe2, 0x82),
		'a sequence cut off, four bytes': bytes(0xf0, 0x9f, 0x98),
		'a first byte before ASCII': bytes(0xc3, 0x28),
		'overlong slash': bytes(0xc0, 0xaf),
		'overlong slash, three bytes': bytes(0xe0, 0x80, 0xaf),
		'overlong slash, four bytes': bytes(0xf0, 0x80, 0x80, 0xaf),
		'overlong NUL': bytes(0xc0, 0x80),
		'surrogate, first half': bytes(0xed, 0xa0, 0x80),
		'surrogate, second half': bytes(0xed, 0xbf, 0xbf),
		'surrogate pair': bytes(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80),
		'beyond Unicode': bytes(0xf4, 0x90, 0x80, 0x80),
		'five bytes': bytes(0xf8, 0x88, 0x80, 0x80, 0x80),
		'FE FF': bytes(0xfe, 0xff),
		'Latin-1': Buffer.from('caf\u00E9', 'latin1'),
		'Shift JIS': bytes(0x93, 0xfa, 0x96, 0x7b),
	};
	for (const [what, inside] of Object.entries(broken)) {
		const answer = await post(around(inside));
		t.is(answer.status, 400, what);
		t.is(answer.text, syntaxBody, what);
	}
	for (const encoding of ['utf16le', 'utf-16le'] as const) {
		const text = Buffer.from('\uFEFF{"name":"a","type":"t"}', encoding);
		t.is((await post(text)).text, syntaxBody);
	}
	t.is((await post(around('\u{1F600}'))).status, 201);
});

test('S-33: members that reach for prototypes are refused, however they are written', async (t) => {
	for (const text of [
		'{"__proto__":{"polluted":1}}',
		'{"name":"a","type":"t","__proto__":null}',
		'{"\\u005f_proto__":{"polluted":1}}',
		'{"\\u005F\\u005f\\u0070roto\\u005f_":{"polluted":1}}',
		'{"a":{"b":[{"__proto__":{"polluted":1}}]}}',
		'{"constructor":{"prototype":{"polluted":1}}}',
		'{"a":[{"constructor":{"prototype":{"polluted":1}}}]}',
		'{"\\u0063onstructor":{"prototype":{"polluted":1}}}',
		'{"constructor":{"\\u0070rototype":{"polluted":1}}}',
		'[{"__proto__":1}]',
		'{"__proto__" : 1}',
	]) {
		isPlainError(t, await post(text), text);
		t.is((await post(text)).status, 400, text);
	}
	t.is((await post('{"name":"a","type":"t"}')).status, 201);
});

test('S-34: nesting of 32 is read, more is refused', async (t) => {
	const nested = (depth: number, [first, last]: [string, string]) =>
		`${first.repeat(depth)}${first.endsWith(':') ? '1' : ''}${last.repeat(depth)}`;
	const deep = '{"error":"Request body is nested too deeply"}';
	for (const pair of [
		['[', ']'],
		['{"a":', '}'],
	] as [string, string][]) {
		t.not((await post(nested(32, pair))).text, deep);
		t.is((await post(nested(33, pair))).text, deep);
		t.is((await post(nested(8000, pair))).text, deep);
		t.is((await post(pair[0].repeat(8000))).text, deep, 'never closed');
	}
	t.is((await post(`${'['.repeat(65_000)}`)).status, 400);
	const text = await post(JSON.stringify({name: '['.repeat(40), type: '{"'.repeat(40)}));
	t.is(text.status, 201, 'brackets in text are not nesting');
});

test('S-34: a body of 64 KiB is read, one byte more is not', async (t) => {
	const filled = (size: number) => `{"name":"a","type":"t"}${' '.repeat(size - 23)}`;
	const most = 64 * 1024;
	const large = '{"error":"Request body is larger than 64 KiB"}';
	t.is((await post(filled(most))).status, 201);
	const over = await post(filled(most + 1));
	t.is(over.status, 413);
	t.is(over.text, large);
	const chunked = (size: number) =>
		requestText(
			'POST /api/v1/sources',
			[
				`Authorization: Bearer ${key}`,
				'Content-Type: application/json',
				'Transfer-Encoding: chunked',
			],
			`${size.toString(16)}\r\n${filled(size)}\r\n0\r\n\r\n`,
		);
	t.is((await wireOne(server, chunked(most))).status, 201);
	const chunkedOver = await wireOne(server, chunked(most + 1));
	t.is(chunkedOver.status, 413);
	t.is(chunkedOver.body, large);
	// The announced length alone decides; nothing has to be sent.
	const announced = await openLine(server);
	announced.socket.write(
		requestText('POST /api/v1/sources', [
			`Authorization: Bearer ${key}`,
			'Content-Type: application/json',
			'Content-Length: 1000000000000',
		]),
	);
	await eventually(() => announced.received().includes(large));
	announced.socket.destroy();
});

test('S-34: encoded bodies are refused with 415', async (t) => {
	const text = '{"name":"a","type":"t"}';
	for (const [encoding, body] of [
		['gzip', gzipSync(text)],
		['br', brotliCompressSync(text)],
		['deflate', deflateSync(text)],
		['zstd', Buffer.from(text)],
		['gzip', Buffer.from('not gzip')],
		['br', Buffer.from(text)],
		['x-gzip', gzipSync(text)],
		['gzip, identity', gzipSync(text)],
		['GZIP', gzipSync(text)],
		['nonsense', Buffer.from(text)],
	] as const) {
		const answer = await post(body, {'Content-Encoding': encoding});
		t.is(answer.status, 415, encoding);
		t.is(answer.text, '{"error":"Content-Encoding is not supported"}');
	}
	t.is((await post(text, {'Content-Encoding': 'identity'})).status, 201);
});

test('S-34: only JSON in UTF-8 is a body', async (t) => {
	const text = '{"name":"a","type":"t"}';
	for (const type of [
		'application/json',
		'application/json; charset=utf-8',
		'application/json;charset=UTF-8',
		'Application/JSON; Charset="utf-8"',
		'application/json ; charset=utf8',
		'application/json; odata=verbose',
		'application/json;odata.metadata=minimal;IEEE754Compatible=true;charset=utf-8',
		'application/json; charset=utf-8; profile="a; charset=utf-16 \\" b"',
		'application/json;',
		'application/json; ; charset = utf-8',
	]) {
		t.is((await post(text, {'Content-Type': type})).status, 201, type);
	}
	for (const type of [
		'',
		'text/plain',
		'text/json',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=x',
		'application/jsonp',
		'application/json-patch+json',
		'application/vnd.api+json',
		'application/xml',
		'application/json; charset=iso-8859-1',
		'application/json; charset=utf-16',
		'application/json; odata=verbose; charset=iso-8859-1',
		'application/json; charset=utf-8; charset=utf-16',
		'application/json; charset="utf-16"',
		'application/json; charset',
		'application/json; a="b',
		'application/json; a=b c',
		'application/json odata=verbose',
		'application/json, text/plain',
		'*/*',
		'json',
	]) {
		const answer = await post(text, {'Content-Type': type});
		t.is(answer.status, 415, type);
		t.is(answer.text, '{"error":"Content-Type must be application/json in UTF-8"}');
	}
});

test('S-34: a member named twice is refused, at any depth and in any spelling', async (t) => {
	const twice = '{"error":"Request body names a member twice"}';
	for (const text of [
		'{"name":"a","name":"b","type":"t"}',
		'{"name":"a","type":"t","name":"a"}',
		'{"name":"a","n\\u0061me":"b","type":"t"}',
		'{"name":"a","type":"t","x":{"y":1,"y":2}}',
		'[{"a":1,"a":1}]',
		'{"":1,"":2}',
		'{"a":[],"b":{"c":[{"d":1,"e":2,"d":3}]}}',
	]) {
		const answer = await post(text);
		t.is(answer.status, 400, text);
		t.is(answer.text, twice, text);
	}
	for (const text of [
		'[{"a":1},{"a":1}]',
		'{"a":{"a":{"a":1}}}',
		'{"a":"a","b":"a"}',
		'["a","a"]',
	]) {
		t.not((await post(text)).text, twice, text);
	}
});

test('an absent body counts as an empty object, whatever its type', async (t) => {
	const auth = `Authorization: Bearer ${key}`;
	for (const lines of [
		[auth],
		[auth, 'Content-Length: 0'],
		[auth, 'Content-Type: text/plain'],
		[auth, 'Content-Type: application/json', 'Content-Length: 0'],
	]) {
		const answer = await wireOne(server, requestText('POST /api/v1/sources', lines));
		t.is(answer.status, 400);
		t.is(answer.body, '{"error":"name is required"}');
	}
	for (const lines of [
		['Content-Type: application/json'],
		['Content-Type: text/plain'],
		['Content-Encoding: gzip'],
		[],
	]) {
		const all = [auth, 'Transfer-Encoding: chunked', ...lines];
		const answer = await wireOne(server, requestText('POST /api/v1/sources', all, '0\r\n\r\n'));
		t.is(answer.body, '{"error":"name is required"}', String(lines));
	}
	const {id} = (await post('{"name":"a","type":"t"}')).json() as {id: string};
	const removal = requestText(
		`DELETE /api/v1/sources/${id}`,
		[auth, 'Transfer-Encoding: chunked'],
		'0\r\n\r\n',
	);
	t.is((await wireOne(server, removal)).status, 200);
	// A body where none is due is passed over.
	const withBody = await server.call('/api/v1/sources', {
		method: 'GET',
		bearer: key,
		body: 'not json',
	});
	t.is(withBody.status, 200);
});

test('a top level that is not an object is refused', async (t) => {
	for (const text of ['[]', '[{"name":"a","type":"t"}]', 'null', '1', '"name"', 'true']) {
		const answer = await post(text);
		t.is(answer.status, 400, text);
		t.is(answer.text, '{"error":"Request body must be a JSON object"}', text);
	}
});

test('S-35: a value of another type than text is refused, in every body', async (t) => {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const source = (await post('{"name":"a","type":"t"}')).json() as {id: string};
	const bodies: [string, string, string | undefined, Record<string, unknown>][] = [
		['POST', '/api/v1/sources', key, {name: 'a', type: 't'}],
		['PUT', `/api/v1/sources/${source.id}`, key, {name: 'a', type: 't'}],
		['POST', `/api/v1/organizations/${id}/api-keys`, jwt, {name: 'a'}],
		['POST', '/api/v1/organizations', jwt, {name: 'a', plan: 'team'}],
		['PATCH', `/api/v1/organizations/${id}`, jwt, {name: 'a', plan: 'team'}],
		['POST', '/api/v1/auth/login', undefined, {...administrator, organization_id: organisationId}],
		['POST', '/api/v1/auth/refresh', undefined, {refresh_token: 'hklrt_x'}],
		[
			'POST',
			'/api/v1/setup',
			undefined,
			{email: 'a@example.com', password: 'long enough password'},
		],
	];
	for (const [method, path, bearer, body] of bodies) {
		for (const member of Object.keys(body)) {
			for (const value of [1, true, null, [], {}, ['a'], {toString: 'a'}, 1e308, {length: 1}]) {
				const answer = await server.call(path, {
					method,
					...(bearer === undefined ? {} : {bearer}),
					body: {...body, [member]: value},
				});
				const what = `${method} ${path} ${member}=${JSON.stringify(value)}`;
				isPlainError(t, answer, what);
				// Setup is over before its body matters.
				if (path !== '/api/v1/setup') {
					t.is(answer.status, 400, what);
					t.true(answer.text.includes(member), `${what}: ${answer.text}`);
				}
			}
		}
	}
	const after = await server.call(`/api/v1/sources/${source.id}`, {bearer: key});
	t.like(after.json(), {name: 'a', type: 't'});
});

test('S-83: members that are not the caller’s to set are refused by name', async (t) => {
	for (const member of ['id', 'org_id', 'organization_id', 'created_at', 'role', 'plan']) {
		const answer = await post(JSON.stringify({name: 'a', type: 't', [member]: 'x'}));
		t.is(answer.status, 400);
		t.is(answer.text, JSON.stringify({error: `Unknown member: ${member}`}));
	}
	for (const member of ['key', 'key_hash', 'hash', 'hint', 'revoked_at', 'last_used_at']) {
		const answer = await server.call(`/api/v1/organizations/${organisationId}/api-keys`, {
			bearer: jwt,
			body: {name: 'a', [member]: null},
		});
		t.is(answer.status, 400);
		t.is(answer.text, JSON.stringify({error: `Unknown member: ${member}`}));
	}
	const hostile = await post('{"name":"a","type":"t","\\u001b[31mred\\u202e":1}');
	t.is(hostile.text, '{"error":"Unknown member: ?[31mred?"}');
});

const injections = [
	"'",
	"''",
	'"',
	"' or '1'='1",
	"' or 1=1--",
	"'; drop table api_keys; --",
	'1; select pg_sleep(2)',
	"' || pg_sleep(2) || '",
	"') union select hash from api_keys --",
	'\\',
	"\\'; select 1; --",
	'$1',
	'?',
	'??',
	':name',
	'%',
	'_',
	'%25',
	'{"$gt":""}',
	'${1}',
	"E'\\x27'",
	'0x27',
	'../../etc/passwd',
	'*',
	'(select 1)',
	'null',
	'NaN',
	'-1',
	'99999999999999999999',
	'\u02BC or 1=1',
];

test('S-62: no text reaches SQL as anything but text', async (t) => {
	const counts = async () => {
		const tables = ['organisations', 'users', 'memberships', 'sessions', 'api_keys'] as const;
		return Promise.all(tables.map(async (table) => (await db(table).select('*')).length));
	};
	const other = await makeOrganisation(server, jwt, 'team');
	const theirs = await makeKey(server, jwt, other.id);
	const listed = await server.call(`/api/v1/organizations/${other.id}/api-keys`, {bearer: jwt});
	const before = await counts();
	for (const text of injections) {
		const inPath = encodeURIComponent(text);
		const source = await post(JSON.stringify({name: text, type: text}));
		t.is(source.status, 201, text);
		t.like(source.json(), {name: text, type: text});
		for (const [method, path, bearer] of [
			['GET', `/api/v1/sources/${inPath}`, key],
			['PUT', `/api/v1/sources/${inPath}`, key],
			['DELETE', `/api/v1/sources/${inPath}`, key],
			['GET', `/api/v1/organizations/${inPath}`, jwt],
			['PATCH', `/api/v1/organizations/${inPath}`, jwt],
			['GET', `/api/v1/organizations/${inPath}/api-keys`, jwt],
			['POST', `/api/v1/organizations/${inPath}/api-keys`, jwt],
			['DELETE', `/api/v1/organizations/${other.id}/api-keys/${inPath}`, jwt],
		] as const) {
			const answer = await server.call(path, {method, bearer});
			t.is(answer.status, 404, `${method} ${path}`);
			isPlainError(t, answer, `${method} ${path}`);
		}
		for (const query of [`limit=${inPath}`, `cursor=${inPath}`]) {
			isPlainError(t, await server.call(`/api/v1/sources?${query}`, {bearer: key}), query);
		}
		const named = await server.call(`/api/v1/sources?${inPath}=1`, {bearer: key});
		t.is(named.text, JSON.stringify({error: `Unknown query parameter: ${text}`}));
		if (!/[^\u0020-\u007E]/.test(text)) {
			const headers = {'Latchkey-Organization': text};
			const acting = await server.call('/api/v1/sources', {bearer: jwt, headers});
			t.is(acting.status, 404, text);
			for (const headers of [{'X-API-Key': text}, {Authorization: `Bearer ${text}`}]) {
				t.is((await server.call('/api/v1/sources', {headers})).status, 401, text);
			}
		}
		const refresh = {body: {refresh_token: text}};
		t.is((await server.call('/api/v1/auth/refresh', refresh)).status, 401, text);
		const login = await server.call('/api/v1/auth/login', {body: {email: text, password: text}});
		t.true([401, 429].includes(login.status), text);
	}
	t.deepEqual(await counts(), before);
	const after = await server.call(`/api/v1/organizations/${other.id}/api-keys`, {bearer: jwt});
	t.is(after.text, listed.text);
	t.is((await server.call('/api/v1/sources', {bearer: theirs.key})).status, 200);
});

test('NUL and lone surrogates reach nothing', async (t) => {
	for (const literal of ['"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"']) {
		for (const [path, bearer, body] of [
			['/api/v1/sources', key, `{"name":${literal},"type":"t"}`],
			['/api/v1/sources', key, `{"name":"a","type":${literal}}`],
			['/api/v1/organizations', jwt, `{"name":${literal}}`],
			['/api/v1/auth/login', undefined, `{"email":${literal},"password":"x"}`],
			['/api/v1/auth/login', undefined, `{"email":"a@b","password":${literal}}`],
			['/api/v1/auth/refresh', undefined, `{"refresh_token":${literal}}`],
			[
				'/api/v1/auth/login',
				undefined,
				`{"email":"a@b","password":"x","organization_id":${literal}}`,
			],
		] as const) {
			const options = bearer === undefined ? {body} : {body, bearer};
			isPlainError(t, await server.call(path, options), `${path} ${body}`);
		}
	}
	for (const path of ['%00', 'a%00b', '%ED%A0%80', '%FF', '%u0000', '%']) {
		const answer = await server.call(`/api/v1/sources/${path}`, {bearer: key});
		t.is(answer.status, 404, path);
	}
});

test.serial(
	'a client that goes away in the middle of its body leaves no fault behind',
	async (t) => {
		const ended = () =>
			server
				.output()
				.split('\n')
				.filter((line) => line.includes('"route":"/api/v1/sources"') && line.includes('POST'))
				.length;
		const before = ended();
		for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
			const line = await openLine(server);
			line.socket.write(
				requestText('POST /api/v1/sources', [
					`Authorization: Bearer ${key}`,
					'Content-Type: application/json',
					'Expect: 100-continue',
					framing,
				]),
			);
			await eventually(() => line.received().includes('100 Continue'));
			line.socket.write(framing.startsWith('C') ? '{"name":' : '8\r\n{"name":');
			line.socket.destroy();
			await line.closed;
		}
		await eventually(() => ended() >= before + 2);
		t.notRegex(server.output(), /"level":"(error|fatal)"/);
		t.notRegex(server.output(), /"status":5\d\d/);
		t.is((await server.call('/livez')).status, 200);
	},
);
