import test from 'ava';
import {createKeyFormat} from '../../core/keys/token.ts';
import {makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';
import {golden, requestText, wireOne, type WireAnswer} from './wire.ts';

const {appliance, server, db, jwt} = await openAppliance();
const organisation = await makeOrganisation(server, jwt, 'team');
/** A good key of an organisation that the administrator's session does not act in. */
const {key} = await makeKey(server, jwt, organisation.id);
const source = await server.call('/api/v1/sources', {
	bearer: key,
	body: {name: 'mark', type: 'webhook'},
});

/** The only source of that organisation: who sees it, called with the key. */
const sourceId = (source.json() as {id: string}).id;

test.after.always(() => appliance.stop());

const refusedBody = '{"error":"Invalid or missing API key"}';
const planBody = '{"error":"Your plan does not have access to this feature"}';

/** What an error looks like on the wire, whole. */
function errorText(status: string, code: string, body: string, more: readonly string[] = []) {
	return [
		`HTTP/1.1 ${status}`,
		'Request-Id: *',
		'Cache-Control: no-store',
		'X-Content-Type-Options: nosniff',
		`Latchkey-Error-Code: ${code}`,
		...more,
		'Content-Type: application/json; charset=utf-8',
		`Content-Length: ${Buffer.byteLength(body)}`,
		'Date: *',
		'Connection: close',
		'',
		body,
	].join('\n');
}

const missing = errorText('401 Unauthorized', 'unauthorized', refusedBody, [
	'WWW-Authenticate: Bearer realm="latchkey"',
]);
const refused = errorText('401 Unauthorized', 'unauthorized', refusedBody, [
	'WWW-Authenticate: Bearer realm="latchkey", error="invalid_token"',
]);

const list = (...lines: string[]) => wireOne(server, requestText('GET /api/v1/sources', lines));
/** A refusal on a path of the application and on one that is decided before it. */
const refusals = async (...lines: string[]) => {
	const answers = [
		await list(...lines),
		await wireOne(server, requestText('GET /api/v1/keys/self', lines)),
	];
	return answers.map(golden);
};
const sees = (answer: WireAnswer) => (answer.status === 200 ? answer.body : `${answer.status}`);

/** What the server wrote about a request. */
const logLine = (answer: WireAnswer) => {
	const id = `"${answer.values('Request-Id')[0]}"`;
	return eventually(() =>
		server
			.output()
			.split('\n')
			.find((line) => line.includes(id)),
	);
};

test('S-1: no credential is refused without an error attribute', async (t) => {
	t.deepEqual(await refusals(), [missing, missing]);
	t.is(golden(await wireOne(server, requestText('POST /api/v1/auth/logout'))), missing);
});

test('S-2: the scheme is Bearer in any case, with one or more spaces', async (t) => {
	for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) {
		for (const blank of [' ', '  ', '     ']) {
			t.is((await list(`Authorization: ${scheme}${blank}${key}`)).status, 200, scheme);
			t.is((await list(`Authorization: ${scheme}${blank}${jwt}`)).status, 200, scheme);
		}
	}
	t.is((await list(`Authorization:Bearer ${key}`)).status, 200);
	t.is((await list(`aUTHORIZATION: Bearer ${key} \t `)).status, 200);
});

test('S-2: everything else in Authorization is refused', async (t) => {
	const basic = Buffer.from(`${key}:`).toString('base64');
	for (const value of [
		`Bearer\t${key}`,
		`Bearer \t${key}`,
		`Bearer${key}`,
		`Bearer: ${key}`,
		`Bearer=${key}`,
		key,
		jwt,
		`Basic ${key}`,
		`Basic ${basic}`,
		`Token ${key}`,
		`ApiKey ${key}`,
		`Bearer`,
		`Bearer `,
		``,
		`Bearer Bearer ${key}`,
		`Bearer ${key} ${key}`,
		`Bearer ${key},`,
		`Bearer ${key}, Bearer ${key}`,
		`Bearer "${key}"`,
		`Bearer <${key}>`,
		`Basic x, Bearer ${key}`,
	]) {
		t.deepEqual(await refusals(`Authorization: ${value}`), [refused, refused], value);
	}
});

test('S-3: X-API-Key takes the key and nothing around it', async (t) => {
	for (const line of [`X-API-Key: ${key}`, `x-api-key:${key}`, `X-Api-Key: \t ${key}\t  `]) {
		t.is((await list(line)).status, 200, line);
	}
	for (const value of [
		`${key.slice(0, 20)} ${key.slice(20)}`,
		`${key},${key}`,
		`${key}, ${key}`,
		`${key},`,
		`,${key}`,
		`Bearer ${key}`,
		`"${key}"`,
		'',
		jwt,
		'anything',
	]) {
		t.deepEqual(await refusals(`X-API-Key: ${value}`), [refused, refused], value);
	}
});

test('S-4: the first credential decides; a bad one is not passed over', async (t) => {
	const bad = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
	for (const lines of [
		[`Authorization: Bearer ${bad}`, `X-API-Key: ${key}`],
		[`X-API-Key: ${key}`, `Authorization: Bearer ${bad}`],
		['Authorization: Bearer hklst_', `X-API-Key: ${key}`],
		[`Authorization: Bearer ${key}%20`, `X-API-Key: ${key}`],
		['Authorization: Bearer', `X-API-Key: ${key}`],
		[`Authorization: Bearer ${jwt}`, `X-API-Key: ${bad}`],
		[`Authorization: Bearer ${jwt}`, 'X-API-Key: hklst_'],
	]) {
		t.deepEqual(await refusals(...lines), [refused, refused], lines.join(' '));
	}
	const good = await list(`Authorization: Bearer ${key}`, `X-API-Key: ${bad}`);
	t.is(good.status, 200, 'the key in Authorization comes first');
});

test('S-5: a key in X-API-Key counts before a JWT in Authorization', async (t) => {
	const withJwt = await list(`Authorization: Bearer ${jwt}`);
	t.false(withJwt.body.includes(sourceId));
	for (const authorization of [jwt, 'abc.def.ghi']) {
		const answer = await list(`Authorization: Bearer ${authorization}`, `X-API-Key: ${key}`);
		t.true(sees(answer).includes(sourceId));
		t.regex(await logLine(answer), /"auth_method":"api_key"/);
	}
	const management = await wireOne(
		server,
		requestText('GET /api/v1/organizations', [`Authorization: Bearer ${jwt}`, `X-API-Key: ${key}`]),
	);
	t.is(
		golden(management),
		errorText('403 Forbidden', 'jwt_required', '{"error":"This operation requires a JWT"}'),
	);
});

test('S-6: an X-API-Key that is not a key leaves the JWT to count', async (t) => {
	for (const other of ['', 'something', 'sk_live_1', 'HKLST_x']) {
		const answer = await wireOne(
			server,
			requestText('GET /api/v1/auth/me', [`Authorization: Bearer ${jwt}`, `X-API-Key: ${other}`]),
		);
		t.is(answer.status, 200, other);
		t.regex(answer.body, /"email":"admin@example.com"/);
	}
});

test('S-7: a header that comes twice is refused, also with equal values', async (t) => {
	for (const lines of [
		[`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`],
		[`Authorization: Bearer ${key}`, 'authorization: Basic x'],
		[`Authorization: Bearer ${key}`, 'Authorization:'],
		[`X-API-Key: ${key}`, `X-API-Key: ${key}`],
		[`X-API-Key: ${key}`, 'x-api-key: other'],
		[`Authorization: Bearer ${jwt}`, 'X-API-Key: a', 'X-API-Key: b'],
		[`Authorization: Bearer ${key}`, 'X-API-Key: a', 'X-API-Key: a'],
	]) {
		const answer = await list(...lines);
		t.is(golden(answer), refused, lines.join(' '));
		t.deepEqual(await refusals(...lines), [refused, refused]);
		t.regex(await logLine(answer), /"refusal":"duplicate_header"/);
	}
	const hidden = await list(
		`Authorization: Bearer ${key}`,
		...Array.from({length: 3000}, () => 'a:'),
		'Authorization: Basic x',
	);
	t.true([401, 431].includes(hidden.status), 'also behind thousands of lines');
});

// S-8, S-9, S-14: with the table of keys locked, only what needs no look-up is answered 401.
test.serial('S-8, S-9, S-14: what cannot be a key is refused without a look-up', async (t) => {
	const transaction = await db.transaction();
	try {
		await transaction.raw('lock table api_keys in access exclusive mode');
		const body = key.slice(6);
		const values = [
			`hklst_${body.slice(0, -1)}\u00E9`,
			`\u00A0${key}`,
			`${key}\u00A0`,
			`${key}%20`,
			`%68klst_${body}`,
			`HKLST_${body}`,
			`Hklst_${body}`,
			Buffer.from(`\uFF48klst_${body}`).toString('latin1'),
			Buffer.from(`${key}\u200B`).toString('latin1'),
			`${key}x`,
			key.slice(0, -1),
			'hklst_',
			'hklst_EXAMPLE',
			`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`,
			`hklst_${body.charAt(1)}${body.charAt(0)}${body.slice(2)}`,
			key + 'a'.repeat(513 - key.length),
			key + 'a'.repeat(2000),
			'a'.repeat(15_000),
		].filter((value) => value !== key);
		for (const value of values) {
			t.deepEqual(await refusals(`X-API-Key: ${value}`), [refused, refused], value.slice(0, 80));
			t.deepEqual(
				await refusals(`Authorization: Bearer ${value}`),
				[refused, refused],
				value.slice(0, 80),
			);
		}
		// The lock does bite: a key that could exist has to be looked up.
		const unknown = await list(`X-API-Key: ${createKeyFormat('hklst_').generate()}`);
		t.is(unknown.status, 503);
		t.is(unknown.body, '{"error":"Service temporarily unavailable"}');
		t.deepEqual(unknown.values('Retry-After'), ['1']);
	} finally {
		await transaction.rollback();
	}
	t.is((await list(`X-API-Key: ${key}`)).status, 200);
});

test('S-9: headers beyond 16 KiB answer 431 as JSON and close the connection', async (t) => {
	const answer = await list(`X-API-Key: ${'a'.repeat(17_000)}`);
	t.is(answer.status, 431);
	t.is(answer.body, '{"error":"Request headers are too large"}');
	t.deepEqual(answer.values('Content-Type'), ['application/json; charset=utf-8']);
	t.deepEqual(answer.values('Connection'), ['close']);
});

test('S-11: a credential in a trailer does not count', async (t) => {
	for (const trailer of [`Authorization: Bearer ${key}`, `X-API-Key: ${key}`]) {
		const text = requestText(
			'POST /api/v1/sources',
			['Content-Type: application/json', 'Trailer: Authorization', 'Transfer-Encoding: chunked'],
			`1d\r\n{"name":"a","type":"webhook"}\r\n0\r\n${trailer}\r\n\r\n`,
		);
		t.is(golden(await wireOne(server, text)), missing);
	}
});

test('S-12: a key in query, path, cookie, form or body does not count', async (t) => {
	const form = `api_key=${key}`;
	const json = JSON.stringify({api_key: key});
	for (const text of [
		requestText(`GET /api/v1/sources?api_key=${key}`),
		requestText(`GET /api/v1/sources?access_token=${key}`),
		requestText(`GET /api/v1/sources/${key}`),
		requestText('GET /api/v1/sources', [`Cookie: api_key=${key}; Authorization=Bearer ${key}`]),
		requestText('GET /api/v1/sources', [`Proxy-Authorization: Bearer ${key}`]),
		requestText('GET /api/v1/sources', [`X-Forwarded-Authorization: Bearer ${key}`]),
		requestText('GET /api/v1/sources', [`Sec-WebSocket-Protocol: ${key}`]),
		requestText(
			'POST /api/v1/sources',
			['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${form.length}`],
			form,
		),
		requestText(
			'POST /api/v1/sources',
			['Content-Type: application/json', `Content-Length: ${json.length}`],
			json,
		),
	]) {
		t.is(golden(await wireOne(server, text)), missing);
	}
});

test('S-13: malformed, unknown, revoked and expired keys get the same bytes', async (t) => {
	const revoked = await makeKey(server, jwt, organisation.id);
	const path = `/api/v1/organizations/${organisation.id}/api-keys/${revoked.id}`;
	await server.call(path, {method: 'DELETE', bearer: jwt});
	const expired = await makeKey(server, jwt, organisation.id);
	t.is((await list(`X-API-Key: ${expired.key}`)).status, 200);
	await db('api_keys')
		.where({id: expired.id})
		.update({expires_at: new Date(Date.now() - 1000)});
	const elsewhere = await makeOrganisation(server, jwt, 'team');
	const both = await makeKey(server, jwt, elsewhere.id);
	await db('api_keys')
		.where({id: both.id})
		.update({expires_at: new Date(0), revoked_at: new Date()});
	await db('organisations').where({id: elsewhere.id}).update({plan: 'free'});
	const presented = {
		malformed: 'hklst_your_api_key_here',
		checksum: `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`,
		unknown: createKeyFormat('hklst_').generate(),
		revoked: revoked.key,
		expired: expired.key,
		'revoked, expired and off the plan': both.key,
	};
	for (const [what, value] of Object.entries(presented)) {
		for (const line of [`Authorization: Bearer ${value}`, `X-API-Key: ${value}`]) {
			t.deepEqual(await refusals(line), [refused, refused], what);
			const change = requestText(`DELETE /api/v1/sources/${sourceId}`, [line]);
			t.is(golden(await wireOne(server, change)), refused, what);
			const management = requestText('GET /api/v1/organizations', [line]);
			t.is(golden(await wireOne(server, management)), refused, what);
		}
	}
	t.true((await list(`X-API-Key: ${key}`)).body.includes(sourceId), 'nothing was deleted');
});

test('a good key off the Team plan answers 403, to the byte', async (t) => {
	const left = await makeOrganisation(server, jwt, 'team');
	const its = await makeKey(server, jwt, left.id);
	const forbidden = errorText('403 Forbidden', 'plan_required', planBody);
	for (const plan of ['pro', 'free']) {
		await server.call(`/api/v1/organizations/${left.id}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {plan},
		});
		t.is(golden(await list(`Authorization: Bearer ${its.key}`)), forbidden);
		t.is(golden(await list(`X-API-Key: ${its.key}`)), forbidden);
		const create = requestText(
			`POST /api/v1/organizations/${left.id}/api-keys`,
			[`Authorization: Bearer ${jwt}`, 'Content-Type: application/json', 'Content-Length: 12'],
			'{"name":"x"}',
		);
		t.is(golden(await wireOne(server, create)), forbidden);
	}
});

test('a good key on a management call answers 403, to the byte, and changes nothing', async (t) => {
	const forbidden = errorText(
		'403 Forbidden',
		'jwt_required',
		'{"error":"This operation requires a JWT"}',
	);
	const own = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${own.id}`;
	const {id: keyId, key: good} = await makeKey(server, jwt, own.id);
	const before = await server.call(`${path}/api-keys`, {bearer: jwt});
	for (const [line, body] of [
		[`GET ${path}/api-keys`, ''],
		[`POST ${path}/api-keys`, '{"name":"x"}'],
		[`DELETE ${path}/api-keys/${keyId}`, ''],
		[`PATCH ${path}`, '{"plan":"free"}'],
		['POST /api/v1/auth/logout', ''],
	] as const) {
		const lines = [
			`Authorization: Bearer ${good}`,
			'Content-Type: application/json',
			`Content-Length: ${body.length}`,
		];
		t.is(golden(await wireOne(server, requestText(line, lines, body))), forbidden, line);
	}
	t.is((await server.call(`${path}/api-keys`, {bearer: jwt})).text, before.text);
});

test('a role that does not suffice answers 403, a foreign organisation 404, to the byte', async (t) => {
	const own = await makeOrganisation(server, jwt, 'team');
	const viewer = await server.logIn(await makeMember(appliance.database, own.id, 'viewer'));
	const as = [`Authorization: Bearer ${viewer}`];
	const ask = async (line: string) => golden(await wireOne(server, requestText(line, as)));
	t.is(
		await ask(`POST /api/v1/organizations/${own.id}/api-keys`),
		errorText(
			'403 Forbidden',
			'role_required',
			'{"error":"Your role does not allow this operation"}',
		),
	);
	t.is(
		await ask('POST /api/v1/organizations'),
		errorText(
			'403 Forbidden',
			'operator_required',
			'{"error":"This operation requires an operator"}',
		),
	);
	t.is(
		await ask(`GET /api/v1/organizations/${organisation.id}/api-keys`),
		errorText('404 Not Found', 'organization_not_found', '{"error":"Organization not found"}'),
	);
});

test('S-15, S-16: every answer is uncached, unsniffed, and silent about what runs here', async (t) => {
	const auth = `Authorization: Bearer ${key}`;
	for (const text of [
		requestText('GET /api/v1/sources', [auth]),
		requestText('GET /api/v1/sources', [auth, 'Origin: https://evil.example']),
		requestText('GET /api/v1/sources', ['Origin: https://evil.example']),
		requestText('OPTIONS /api/v1/sources', [
			'Origin: https://evil.example',
			'Access-Control-Request-Method: GET',
			'Access-Control-Request-Headers: authorization',
		]),
		requestText('GET /api/v1/organizations', [auth]),
		requestText(`GET /api/v1/sources/${sourceId}`, [auth]),
		requestText('GET /nothing/here'),
		requestText('GET /livez'),
		requestText('GET /readyz'),
	]) {
		const answer = await wireOne(server, text);
		t.deepEqual(answer.values('Cache-Control'), ['no-store']);
		t.deepEqual(answer.values('X-Content-Type-Options'), ['nosniff']);
		t.deepEqual(answer.values('Content-Type'), ['application/json; charset=utf-8']);
		t.is(answer.values('Request-Id').length, 1);
		t.notRegex(answer.head, /^(x-powered-by|server|via|access-control-[^:]*|vary):/im);
		t.notRegex(answer.head, /koa|node|express/i);
	}
});

test('problem details come to whoever asks for them (RFC 9457)', async (t) => {
	const answer = await list('Accept: application/problem+json');
	t.is(answer.status, 401);
	t.deepEqual(answer.values('Content-Type'), ['application/problem+json; charset=utf-8']);
	t.deepEqual(answer.values('WWW-Authenticate'), ['Bearer realm="latchkey"']);
	t.deepEqual(answer.values('Cache-Control'), ['no-store']);
	t.deepEqual(JSON.parse(answer.body), {
		type: 'about:blank',
		title: 'Invalid or missing API key',
		status: 401,
		detail: 'Invalid or missing API key',
		code: 'unauthorized',
		request_id: answer.values('Request-Id')[0],
	});
	const field = await server.call('/api/v1/sources', {
		bearer: key,
		headers: {Accept: 'application/json, application/problem+json;q=0.9'},
		body: {name: '', type: 'webhook'},
	});
	t.is(field.status, 400);
	t.like(field.json(), {detail: 'name is required', code: 'invalid_field', field: 'name'});
	const success = await server.call('/api/v1/sources', {
		bearer: key,
		headers: {Accept: 'application/problem+json'},
	});
	t.is(success.status, 200);
	t.is(success.headers['content-type'], 'application/json; charset=utf-8');
	const plain = await list('Accept: text/html, */*');
	t.is(golden(plain), missing);
});
