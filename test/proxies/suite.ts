import {request} from 'node:http';
import {text} from 'node:stream/consumers';
import test, {type ExecutionContext} from 'ava';
import pg from 'pg';
import {errors, type ErrorCode} from '../../contract/errors.ts';
import {refusalErrors} from '../../contract/outcomes.ts';
import {authHeaders} from '../../contract/verification.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {createAppliance, type Appliance, type Server} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {call, rawCall, type Answer, type CallOptions} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import type {Tool} from '../helpers/tools.ts';
import {denialTests} from './denials.ts';
import {limitTests, newKey} from './limits.ts';
import {readShipped, startProxy, type ProxyProgram, type RunningProxy} from './programs.ts';
import {startService, type RecordingService, type Seen} from './service.ts';

const unauthorized = '{"error":"Invalid or missing API key"}';
const planRequired = '{"error":"Your plan does not have access to this feature"}';
const unavailable = '{"error":"Service temporarily unavailable"}';

/** What a client might claim about itself, with the spellings that CGI and its heirs confuse. */
const claims = Object.fromEntries(
	[
		...Object.values(authHeaders).flatMap((name) => [
			name,
			name.replaceAll('-', '_'),
			name.replace('X-Auth-', 'x-AUTH_'),
		]),
		// What else a name may hold (RFC 9110, 5.6.2).
		...Array.from(".!#$%&'*+^`|~", (sign) => authHeaders.key.replaceAll('-', sign)),
	].map((name) => [name, 'spoofed']),
);

/** Paths that some part of a chain may read as another path. */
const spellings = [
	'/fa/%2e%2e/a',
	'/fa/..%2fa',
	'/fa/../a',
	'/fa/.%2E/a',
	'//',
	'//a',
	'/./a',
	'/%2e/a',
	'/fa/..;/a',
	'/a;x=/../b',
	'/FA/A',
	'/fa\\..\\a',
	'/a%00b',
	'/a%0d%0aX-Auth-Key-Id:%20spoofed',
	'/a%20b%3fc%23d%25e',
	'/a?b=/../c%20d',
	'http://127.0.0.1/a',
	'HTTP://elsewhere.example/a',
	'/.latchkey/check',
	'//.latchkey/check',
	'/%2elatchkey/check',
	'/@latchkey_unauthorized',
	'/api/v1/forward-auth',
	'/metrics',
	'*',
];

/** All that forward-auth may refuse a caller with. */
const refusals = [
	...refusalErrors,
	'api_key_required',
	'role_required',
	'organization_not_found',
	'too_many_attempts',
] as const;

const methods = 'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PROPFIND CONNECT'.split(' ');

let appliance: Appliance;
let server: Server;
let jwt: string;
let service: RecordingService;
let proxy: RunningProxy;

/** Declares what holds of a shipped configuration; with the program itself where it can be had. */
export function proxyTests(program: ProxyProgram, tool: Tool | undefined): void {
	test(`${program.file} asks about each request and names every identity header`, async (t) => {
		const scripts = program.file === 'haproxy.cfg' ? await readShipped('latchkey.lua') : '';
		const shipped = (await readShipped(program.file)) + scripts;
		t.true(shipped.includes('/api/v1/forward-auth'));
		for (const name of Object.values(authHeaders)) {
			t.true(shipped.toLowerCase().includes(name.toLowerCase()), name);
		}
	});

	if (tool !== undefined) declareLive(program);
}

function declareLive(program: ProxyProgram): void {
	const ofProxy = (what: string) => `${program.name}: ${what}`;

	test.before(async () => {
		appliance = await createAppliance();
		// Clients of the tests come from 127.0.0.2 where it matters.
		[server, service] = await Promise.all([
			appliance.startServer({LATCHKEY_TRUSTED_PROXIES: '127.0.0.1/32'}),
			startService(),
		]);
		jwt = await server.logIn();
		proxy = await startProxy(program, {service: service.port, latchkey: server.port});
	});

	test.after.always(async () => {
		await proxy?.stop();
		await service?.stop();
		await appliance?.stop();
	});

	test.serial.afterEach.always((t) => {
		if (!t.passed) t.log(proxy.output());
	});

	test.serial(
		ofProxy('a good key reaches the service once, with who it is and no key'),
		async (t) => {
			const {key, id, organisationId} = await newKey({server, jwt});
			for (const credential of [
				{Authorization: `Bearer ${key}`},
				{authorization: `bEARER ${key}`},
				{'X-API-Key': key},
				{Authorization: 'Basic dXNlcjpwYXNzd29yZA==', 'X-API-Key': key},
			]) {
				const answer = await call(proxy.url, '/a?b=c', {headers: {...claims, ...credential}});
				t.is(answer.status, 200);
				t.is(answer.text, 'from the service');
				const seen = only(t, service.take());
				t.is(seen.path, '/a?b=c');
				t.deepEqual(identityOf(seen), {
					'x-auth-method': 'api_key',
					'x-auth-key-id': id,
					'x-auth-organization': organisationId,
					'x-auth-lineage': id,
				});
				withoutCredential(t, seen, key);
			}
		},
	);

	test.serial(ofProxy('a user of the API is named too'), async (t) => {
		const answer = await call(proxy.url, '/', {bearer: jwt, headers: claims});
		t.is(answer.status, 200);
		const seen = only(t, service.take());
		const me = (await server.call('/api/v1/auth/me', {bearer: jwt})).json() as {id: string};
		t.like(identityOf(seen), {'x-auth-method': 'jwt', 'x-auth-user-id': me.id});
		t.deepEqual(Object.keys(identityOf(seen)).sort(), [
			'x-auth-method',
			'x-auth-organization',
			'x-auth-user-id',
		]);
		withoutCredential(t, seen, jwt);
	});

	test.serial(ofProxy('a client cannot have identity or credential taken away'), async (t) => {
		const {key, id, organisationId} = await newKey({server, jwt});
		const named = [...Object.values(authHeaders), 'X-Forwarded-For'].join(', ');
		const answer = await call(proxy.url, '/', {
			bearer: key,
			headers: {Connection: `close, ${named}`},
		});
		t.is(answer.status, 200);
		const seen = only(t, service.take());
		t.deepEqual(identityOf(seen), {
			'x-auth-method': 'api_key',
			'x-auth-key-id': id,
			'x-auth-organization': organisationId,
			'x-auth-lineage': id,
		});
		// The service may be one more proxy.
		t.notRegex(seen.headers.connection ?? '', /x-auth/i);
	});

	test.serial(ofProxy('a bad key is refused as Latchkey refuses it'), async (t) => {
		const {key} = await newKey({server, jwt});
		const wrongChecksum = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`;
		const refused: CallOptions[] = [
			{},
			{headers: claims},
			{bearer: wrongChecksum},
			{headers: {'X-API-Key': wrongChecksum}},
			{bearer: wrongChecksum, headers: {'X-API-Key': key}},
			{headers: {Authorization: `Basic ${key}`}},
			{bearer: wrongChecksum, body: {a: 'body'}},
		];
		for (const options of refused) {
			const [answer, direct] = await Promise.all([
				call(proxy.url, '/a', options),
				server.call('/api/v1/forward-auth', {...options, method: 'GET'}),
			]);
			t.is(answer.status, 401);
			t.is(answer.text, unauthorized);
			for (const name of ['www-authenticate', 'content-type', 'latchkey-error-code'] as const) {
				t.is(answer.headers[name], direct.headers[name]);
			}
			t.truthy(answer.headers['www-authenticate']);
			t.regex(String(answer.headers['request-id']), /./);
		}
		const head = await call(proxy.url, '/a', {method: 'HEAD', bearer: wrongChecksum});
		t.is(head.status, 401);
		t.is(head.text, '');
		t.deepEqual(service.take(), []);
	});

	test.serial(ofProxy('an organisation that has left the plan is refused'), async (t) => {
		const {key, organisationId} = await newKey({server, jwt});
		t.is((await call(proxy.url, '/', {bearer: key})).status, 200);
		service.take();
		const changed = await server.call(`/api/v1/organizations/${organisationId}`, {
			method: 'PATCH',
			bearer: jwt,
			body: {plan: 'free'},
		});
		t.is(changed.status, 200);
		const answer = await call(proxy.url, '/', {bearer: key});
		t.is(answer.status, 403);
		t.is(answer.text, planRequired);
		t.regex(answer.headers['content-type'] ?? '', /^application\/json/);
		t.is(answer.headers['latchkey-error-code'], 'plan_required');
		t.deepEqual(service.take(), []);
	});

	test.serial(
		ofProxy('a key is held against the address of the client, not of the proxy'),
		async (t) => {
			const {organisationId} = await newKey({server, jwt});
			const make = async (ip_allow: string[]) => {
				const answer = await server.call(`/api/v1/organizations/${organisationId}/api-keys`, {
					method: 'POST',
					bearer: jwt,
					body: {name: 'bound', ip_allow},
				});
				return (answer.json() as {key: string}).key;
			};
			const near = await make(['127.0.0.0/8', '::1/128']);
			t.is((await call(proxy.url, '/', {bearer: near})).status, 200);
			service.take();
			const answer = await call(proxy.url, '/', {
				bearer: await make(['192.0.2.0/24']),
				headers: {'X-Forwarded-For': '192.0.2.7'},
			});
			t.is(answer.status, 403);
			t.is(answer.text, '{"error":"This key may not be used from this address"}');
			t.is(answer.headers['latchkey-error-code'], 'ip_denied');
			t.deepEqual(service.take(), []);
		},
	);

	test.serial(ofProxy('only keys with the scope that is needed pass, by method'), async (t) => {
		const {organisationId} = await newKey({server, jwt});
		const make = async (scopes: string[]) => {
			const answer = await server.call(`/api/v1/organizations/${organisationId}/api-keys`, {
				bearer: jwt,
				body: {name: 'of scopes', scopes},
			});
			return (answer.json() as {key: string}).key;
		};
		const query = '?scopes_read=orders.read&scopes_write=orders.write';
		const own = await startProxy(program, {service: service.port, latchkey: server.port}, query);
		const headers = {...claims, 'X-Forwarded-Method': 'GET'};
		try {
			const [reader, none] = [await make(['orders.read', 'eu']), await make([])];
			const read = await call(own.url, '/a?scopes_read=eu', {bearer: reader, headers: claims});
			t.is(read.status, 200);
			const seen = only(t, service.take());
			t.is(seen.headers['x-auth-scopes'], 'orders.read eu');
			t.false('x-auth-scopes-omitted' in seen.headers);
			for (const [bearer, method, scope] of [
				[reader, 'DELETE', 'orders.write'],
				[none, 'GET', 'orders.read'],
			] as const) {
				const path = `/a?scopes_write=eu&scopes_read=eu`;
				const answer = await call(own.url, path, {bearer, method, headers});
				t.is(answer.status, 403);
				t.is(answer.text, '{"error":"This key does not have the scope that is needed"}');
				t.regex(answer.headers['content-type'] ?? '', /^application\/json/);
				t.is(answer.headers['latchkey-error-code'], 'insufficient_scope');
				t.is(
					answer.headers['www-authenticate'],
					`Bearer realm="latchkey", error="insufficient_scope", scope="${scope}"`,
				);
			}
			t.deepEqual(service.take(), []);
			// Nothing is asked for here, and the service still learns that the key has no scope.
			t.is((await call(proxy.url, '/', {bearer: none, headers: claims})).status, 200);
			const told = only(t, service.take());
			t.is(told.headers['x-auth-scopes-omitted'], '1');
			t.true(['', undefined].includes(told.headers['x-auth-scopes'] as string | undefined));
		} finally {
			await own.stop();
		}
	});

	const live = () => ({server, jwt, service, proxy});
	limitTests(program, live);
	denialTests(program, live);

	test.serial(ofProxy('a revoked key is refused on the next request'), async (t) => {
		for (let round = 0; round < 10; round++) {
			const {key, id, organisationId} = await newKey({server, jwt});
			const before = await call(proxy.url, '/', {bearer: key});
			t.is(before.status, 200);
			service.take();
			const revoked = await server.call(`/api/v1/organizations/${organisationId}/api-keys/${id}`, {
				method: 'DELETE',
				bearer: jwt,
			});
			t.is(revoked.status, 200);
			t.is((await call(proxy.url, '/', {bearer: key})).status, 401);
			t.deepEqual(service.take(), []);
		}
	});

	test.serial(ofProxy('each request of a connection is asked about by itself'), async (t) => {
		const {key} = await newKey({server, jwt});
		const good = `GET /good HTTP/1.1\r\nHost: a.example\r\nX-API-Key: ${key}\r\n`;
		const bad = 'GET /bad HTTP/1.1\r\nHost: a.example\r\n';
		const received = await rawCall(
			proxy.url,
			`${good}\r\n${bad}\r\n${good}\r\n${bad}Connection: close\r\n\r\n`,
		);
		const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
		t.deepEqual(statuses, ['200', '401', '200', '401']);
		t.deepEqual(
			service.take().map(({path}) => path),
			['/good', '/good'],
		);
	});

	test.serial(ofProxy('no spelling of a path and no method gets round the check'), async (t) => {
		for (const path of spellings) {
			const received = await rawCall(proxy.url, requestText(`GET ${path} HTTP/1.1`));
			t.notRegex(received, /from the service/, path);
			t.deepEqual(service.take(), [], path);
		}
		for (const method of methods) {
			const target = method === 'CONNECT' ? `127.0.0.1:${service.port}` : '/a';
			const received = await rawCall(proxy.url, requestText(`${method} ${target} HTTP/1.1`));
			t.regex(received, /^HTTP\/1\.\d [45]/, method);
			t.deepEqual(service.take(), [], method);
		}
	});

	test.serial(ofProxy('with a good key every spelling arrives with who it is'), async (t) => {
		const {key, id} = await newKey({server, jwt});
		let arrived = 0;
		for (const path of spellings) {
			await rawCall(proxy.url, requestText(`GET ${path} HTTP/1.1`, [`X-API-Key: ${key}`]));
			for (const seen of service.take()) {
				arrived++;
				t.is(seen.headers['x-auth-key-id'], id, path);
				withoutCredential(t, seen, key);
				if (program.name === 'nginx') t.notRegex(seen.path.split('?')[0] ?? '', /\/\.\.?\/|\/\//);
			}
		}
		t.true(arrived > spellings.length / 2);
	});

	test.serial(ofProxy('two credentials of one kind are none'), async (t) => {
		const {key} = await newKey({server, jwt});
		const other = await newKey({server, jwt});
		for (const second of [key, other.key, 'hklst_nonsense', '']) {
			for (const [one, two] of [
				[key, second],
				[second, key],
			] as const) {
				for (const headers of [
					{Authorization: [`Bearer ${one}`, `Bearer ${two}`]},
					{'X-API-Key': [one, two]},
					{'X-API-Key': `${one}, ${two}`},
				]) {
					const {status} = await call(proxy.url, '/', {headers});
					// nginx answers two lines of Authorization itself.
					t.true(status === 401 || status === 400, String(status));
				}
			}
		}
		t.deepEqual(service.take(), []);
	});

	test.serial(ofProxy('a body goes to the service and to nobody else'), async (t) => {
		const {key} = await newKey({server, jwt});
		// Above what nginx and HAProxy keep in one buffer, and above what Latchkey would take.
		const body = JSON.stringify({text: 'x'.repeat(200_000)});
		const answer = await call(proxy.url, '/upload', {bearer: key, body});
		t.is(answer.status, 200);
		const seen = only(t, service.take());
		t.is(seen.method, 'POST');
		t.true(seen.body === body);
		t.is(seen.headers['content-type'], 'application/json');

		const chunked = await rawCall(
			proxy.url,
			requestText(
				'PUT /chunked HTTP/1.1',
				[`X-API-Key: ${key}`, 'Transfer-Encoding: chunked'],
				'5\r\nhello\r\n0\r\n\r\n',
			),
		);
		t.regex(chunked, /^HTTP\/1\.1 200 /);
		t.is(only(t, service.take()).body, 'hello');
	});

	if (process.platform === 'linux') {
		test.serial(ofProxy('Latchkey sees the address of the client'), async (t) => {
			const worker = await appliance.startWorker();
			const {key, id} = await newKey({server, jwt});
			const status = await callFrom('127.0.0.2', `${proxy.url}/`, {
				'X-API-Key': key,
				'X-Forwarded-For': ['203.0.113.9', '127.0.0.1'],
			});
			t.is(status, 200);
			t.is(only(t, service.take()).headers['x-forwarded-for'], '127.0.0.2');
			const db = connectDatabase(appliance.database, 'test');
			try {
				const address = await eventually(
					async () => {
						const row = await db('api_keys').where({id}).first('last_used_ip');
						return row?.last_used_ip ?? undefined;
					},
					{what: 'the last use'},
				);
				t.is(address, '127.0.0.2');
			} finally {
				await db.destroy();
				await worker.stop();
			}

			await callFrom('127.0.0.3', `${proxy.keysUrl}/api/v1/keys/self`, {
				'X-API-Key': key,
				'X-Forwarded-For': '203.0.113.9',
			});
			t.like(await lastLine(server, '/api/v1/keys/self'), {ip: '127.0.0.3', status: 200});
		});
	}

	test.serial(ofProxy('Latchkey itself is served, but for its metrics'), async (t) => {
		const {key, id} = await newKey({server, jwt});
		const self = await call(proxy.keysUrl, '/api/v1/keys/self', {bearer: key});
		t.is(self.status, 200);
		t.like(self.json(), {id});
		t.is((await call(proxy.keysUrl, '/api/v1/keys/self')).text, unauthorized);
		const twice = await call(proxy.keysUrl, '/api/v1/keys/self', {
			headers: {'X-API-Key': [key, key]},
		});
		t.is(twice.status, 401);
		for (const path of ['/metrics', '/metrics?a', '//metrics', '/%6detrics', '/./metrics']) {
			t.is((await call(proxy.keysUrl, path)).status, 404, path);
		}
		t.deepEqual(service.take(), []);
	});

	test.serial(ofProxy('a Latchkey that cannot ask is 503, and nothing passes'), async (t) => {
		const {key} = await newKey({server, jwt});
		t.is((await call(proxy.url, '/', {bearer: key})).status, 200);
		service.take();
		const {host, port, adminUser: user} = testServices().postgres;
		const admin = new pg.Client({host, port, user, database: 'postgres'});
		await admin.connect();
		const {database} = appliance.database;
		try {
			await admin.query(`ALTER DATABASE ${database} CONNECTION LIMIT 0`);
			await admin.query(
				'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
				[database],
			);
			const answer = await eventually(async () => {
				const {status} = await server.call('/api/v1/forward-auth', {bearer: key});
				return status === 503 && call(proxy.url, '/', {bearer: key});
			});
			t.is(answer.status, 503);
			t.is(answer.text, unavailable);
			t.regex(answer.headers['content-type'] ?? '', /^application\/json/);
			t.regex(answer.headers['retry-after'] ?? '', /^\d+$/);
		} finally {
			await admin.query(`ALTER DATABASE ${database} CONNECTION LIMIT -1`);
			await admin.end();
		}
		t.deepEqual(service.take(), []);
		const again = await eventually(async () => {
			const answer = await call(proxy.url, '/', {bearer: key});
			return answer.status !== 503 && answer;
		});
		t.is(again.status, 200);
		t.is(service.take().length, 1);
	});

	test.serial(ofProxy('a Latchkey that is frozen or gone lets nothing through'), async (t) => {
		const {key} = await newKey({server, jwt});
		const doomed = await appliance.startServer();
		const own = await startProxy(program, {service: service.port, latchkey: doomed.port});
		const credentials: CallOptions[] = [{bearer: key}, {}, {bearer: 'hklst_nonsense'}];
		const ask = () => Promise.all(credentials.map((options) => call(own.url, '/', options)));
		const isRefused = (answers: readonly Answer[]) => {
			for (const {status} of answers) t.true(status >= 500, String(status));
			t.deepEqual(service.take(), []);
		};
		try {
			t.is((await call(own.url, '/', {bearer: key})).status, 200);
			t.is(service.take().length, 1);
			doomed.kill('SIGSTOP');
			isRefused(await ask());
			doomed.kill('SIGKILL');
			await doomed.exited;
			isRefused(await ask());
			isRefused(await ask());
		} finally {
			await own.stop();
		}
	});

	test.serial(ofProxy('nothing but success passes; a refusal arrives as what it is'), async (t) => {
		// Answers that Latchkey gives rarely or not yet, from a stand-in.
		let status = 500;
		let code: ErrorCode = 'too_many_attempts';
		let body = '';
		const standIn = await startService(() => ({
			status,
			headers: {
				'Content-Type': 'application/json; charset=utf-8',
				'Latchkey-Error-Code': code,
				'Retry-After': '7',
				'X-Auth-Method': 'api_key',
				...(status === 302 ? {Location: '/elsewhere'} : {}),
			},
			body,
		}));
		const own = await startProxy(program, {service: service.port, latchkey: standIn.port});
		try {
			for (status of [302, 400, 413, 418, 431, 500, 502, 503, 504]) {
				const answer = await call(own.url, '/');
				t.not(answer.status, 200);
				t.not(answer.text, 'from the service');
			}
			for (code of refusals) {
				({status} = errors[code]);
				body = JSON.stringify({error: errors[code].message});
				const refused = await call(own.url, '/');
				t.is(refused.status, status, code);
				t.is(refused.text, body);
				if (status === 429) t.is(refused.headers['retry-after'], '7');
				t.is(refused.headers['latchkey-error-code'], code);
			}
			t.deepEqual(service.take(), []);
		} finally {
			await own.stop();
			await standIn.stop();
		}
	});

	test.serial(
		ofProxy('Latchkey is asked with the credentials, and without the body'),
		async (t) => {
			const standIn = await startService(() => ({
				status: 200,
				headers: {'Content-Type': 'application/json', 'X-Auth-Method': 'api_key'},
				body: '{"auth_method":"api_key"}',
			}));
			const own = await startProxy(program, {service: service.port, latchkey: standIn.port});
			try {
				for (let round = 0; round < 20; round++) {
					const answer = await call(own.url, '/fa/../a?b', {
						method: 'PUT',
						headers: {
							'X-API-Key': ['one', 'two'],
							'X-Forwarded-For': '203.0.113.9',
							'X-Forwarded-Method': 'spoofed',
							'X-Forwarded-Uri': 'spoofed',
						},
						body: {a: 'body'},
					});
					t.is(answer.status, 200);
					t.is(only(t, service.take()).method, 'PUT');
					const {method, path, headers, rawHeaders, body} = only(
						t,
						standIn.take().filter((each) => each.path !== '/readyz'),
					);
					t.true(method === 'GET' || method === 'HEAD');
					t.is(path, '/api/v1/forward-auth');
					t.is(body, '');
					t.true(['0', undefined].includes(headers['content-length']));
					t.is(headers['transfer-encoding'], undefined);
					t.is(headers['x-forwarded-for'], '127.0.0.1');
					t.is(headers['x-forwarded-method'], 'PUT');
					t.is(headers['x-forwarded-uri'], '/fa/../a?b');
					t.deepEqual(
						rawHeaders.filter((_, i) => rawHeaders[i - 1]?.toLowerCase() === 'x-api-key'),
						['one', 'two'],
					);
				}
				if (program.keepsConnections) t.true(standIn.connections() < 20);
			} finally {
				await own.stop();
				await standIn.stop();
			}
		},
	);
}

/** The status that a client on another address of the loopback network gets. */
async function callFrom(
	localAddress: string,
	url: string,
	headers: Record<string, string | string[]>,
): Promise<number | undefined> {
	return new Promise((resolve, reject) => {
		request(url, {localAddress, headers, agent: false}, (answer) => {
			text(answer).then(() => resolve(answer.statusCode), reject);
		})
			.once('error', reject)
			.end();
	});
}

function only(t: ExecutionContext, seen: readonly Seen[]): Seen {
	t.is(seen.length, 1);
	const [first] = seen;
	if (first === undefined) throw new Error('the service saw nothing');
	return first;
}

/** Everything that a service might take for identity, however it is spelt. */
function identityOf({headers}: Seen): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(headers).filter(([name]) => /^x[^a-z\d]auth/i.test(name)),
	);
}

function withoutCredential(t: ExecutionContext, seen: Seen, credential: string): void {
	t.false('authorization' in seen.headers);
	t.false('x-api-key' in seen.headers);
	t.false(seen.rawHeaders.some((line) => line.includes(credential)));
}

function requestText(line: string, lines: readonly string[] = [], body = ''): string {
	const all = [line, 'Host: 127.0.0.1', 'Connection: close', ...lines];
	return `${all.join('\r\n')}\r\n\r\n${body}`;
}

/** The last line that a server logged about a route. */
async function lastLine(of: Server, route: string): Promise<Record<string, unknown>> {
	return eventually(() => {
		const line = of
			.output()
			.split('\n')
			.findLast((each) => each.includes(`"route":"${route}"`));
		return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
	});
}
