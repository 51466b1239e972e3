import {hostname} from 'node:os';
import test from 'ava';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {openLine, requestText, wireOne} from './wire.ts';

let appliance: Appliance;
/** As it is by default. */
let server: Server;
/** Called by names of its own. */
let named: Server;
/** Behind a proxy on the same machine. */
let proxied: Server;
let key: string;

test.before(async () => {
	appliance = await createAppliance();
	[server, named, proxied] = await Promise.all([
		appliance.startServer(),
		appliance.startServer({
			LATCHKEY_PUBLIC_URL: 'https://keys.example.com',
			LATCHKEY_ALLOWED_HOSTS: 'Keys.internal.example, other.example',
		}),
		appliance.startServer({LATCHKEY_TRUSTED_PROXIES: '127.0.0.1/32'}),
	]);
	const jwt = await server.logIn();
	({key} = await makeKey(server, jwt, (await defaultOrganisation(server, jwt)).id));
});

test.after.always(() => appliance?.stop());

const auth = () => `Authorization: Bearer ${key}`;
const ask = (to: Server, host: string, path = '/livez', lines: readonly string[] = []) =>
	wireOne(to, requestText(`GET ${path}`, lines).replace('latchkey.localhost', host));
const foreign = JSON.stringify({
	error:
		'Latchkey does not answer to this host name; set LATCHKEY_PUBLIC_URL or LATCHKEY_ALLOWED_HOSTS',
});

test('on loopback a name that is not ours is refused, whatever is asked', async (t) => {
	for (const host of [
		'evil.example',
		'evil.example:8080',
		'EVIL.example.',
		'localhost.evil.example',
		'127.0.0.1.evil.example',
		'keys.example.com',
		'a.b:99999',
	]) {
		for (const [path, lines] of [
			['/livez', []],
			['/metrics', []],
			['/api/v1/setup', []],
			['/nothing', []],
			['/api/v1/keys/self', [auth()]],
		] as const) {
			const answer = await ask(server, host, path, lines);
			t.is(answer.status, 421, `${host} ${path}`);
			t.is(answer.body, foreign);
			t.deepEqual(answer.values('Latchkey-Error-Code'), ['host_unknown']);
		}
	}
});

test('addresses, localhost, names without a dot and the machine’s own are taken', async (t) => {
	for (const host of [
		`127.0.0.1:${server.port}`,
		`localhost:${server.port}`,
		'localhost',
		'LOCALHOST',
		'localhost.',
		'app.localhost:8080',
		'[::1]:8080',
		'192.168.1.7:8080',
		'server:8080',
		hostname(),
		'',
	]) {
		t.is((await ask(server, host)).status, 200, host);
		t.is((await ask(server, host, '/api/v1/keys/self', [auth()])).status, 200, host);
	}
	// HTTP/1.0 needs no Host: HAProxy's health checks have none.
	t.is((await wireOne(server, 'GET /readyz HTTP/1.0\r\n\r\n')).status, 200);
});

test('names of LATCHKEY_PUBLIC_URL and LATCHKEY_ALLOWED_HOSTS are taken', async (t) => {
	for (const host of [
		'keys.example.com',
		'keys.example.com:443',
		'keys.internal.example',
		'other.example',
	]) {
		t.is((await ask(named, host)).status, 200, host);
	}
	t.is((await ask(named, 'evil.example')).status, 421);
});

test('a trusted proxy answers for the names that it passes on; forward-auth is asked by any', async (t) => {
	t.is((await ask(proxied, 'keys.example.com')).status, 200);
	for (const one of [server, named, proxied]) {
		const answer = await ask(one, 'api.example.com', '/api/v1/forward-auth', [auth()]);
		t.is(answer.status, 200);
		t.deepEqual(answer.values('X-Auth-Method'), ['api_key']);
		t.is((await ask(one, 'api.example.com', '/api/v1/forward-auth')).status, 401);
	}
});

test('without a token metrics are for private networks only', async (t) => {
	const from = (address: string) =>
		proxied.call('/metrics', {headers: {'X-Forwarded-For': address}});
	for (const address of [
		'127.0.0.1',
		'10.1.2.3',
		'172.18.0.1',
		'192.168.0.9:1234',
		'fd00::1',
		'::1',
	]) {
		t.is((await from(address)).status, 200, address);
	}
	for (const address of [
		'203.0.113.7',
		'203.0.113.7:51234',
		'[2001:db8::1]:443',
		'8.8.8.8',
		'unknown',
	]) {
		const answer = await from(address);
		t.is(answer.status, 403, address);
		t.is(
			answer.text,
			'{"error":"Metrics are for private networks unless LATCHKEY_METRICS_TOKEN is set"}',
		);
	}
	const many = await Promise.all(Array.from({length: 20}, () => server.call('/metrics')));
	t.true(many.every(({status, text}) => status === 200 && text.includes('latchkey_known_keys')));
});

test('every path below forward-auth is forward-auth, in every method', async (t) => {
	const paths = [
		'/',
		'/orders/7?x=1',
		'//',
		'/../x',
		'/%2e%2e/%zz',
		'/api/v1/keys/verify',
		'/livez',
	];
	const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'];
	for (const method of methods) {
		for (const path of paths) {
			const line = `${method} /api/v1/forward-auth${path}`;
			const good = await answerTo(line, [auth(), 'Content-Length: 0']);
			t.is(good.status, 200, line);
			t.deepEqual(good.values('X-Auth-Method'), ['api_key'], line);
			const bad = await answerTo(line, ['X-API-Key: hklst_no']);
			t.is(bad.status, 401, line);
		}
	}
	// The length of a body that stays with the proxy.
	const post = await answerTo('POST /api/v1/forward-auth/orders', [
		auth(),
		'Content-Type: application/json',
		'Content-Length: 500',
	]);
	t.is(post.status, 200);
	t.deepEqual(post.values('Connection'), ['close']);
	const beside = await answerTo('GET /api/v1/forward-authority', [auth()]);
	t.is(beside.status, 404);
	t.is((await answerTo('POST /api/v1/forward-auth', [auth()])).status, 405);
});

/** HEAD is answered without the body that its length announces. */
async function answerTo(line: string, lines: readonly string[]) {
	const connection = await openLine(server);
	connection.socket.write(requestText(line, lines));
	await connection.closed;
	const [head = ''] = connection.received().split('\r\n\r\n');
	const values = (name: string) =>
		head
			.split('\r\n')
			.filter((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}: `))
			.map((each) => each.slice(name.length + 2));
	return {status: Number(head.slice(9, 12)), values};
}
