import {mkdtemp, writeFile} from 'node:fs/promises';
import {createServer, type IncomingMessage} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import {
	connect as connectTcp,
	createServer as createTcpServer,
	type AddressInfo,
	type Server,
	type Socket,
} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {networks, proxy as parseProxy} from '../../core/config/parse.ts';
import {Names} from '../../core/outbound/names.ts';
import {fetchJson, createProviderAsker, ProviderFault} from '../../core/issuers/fetch.ts';
import {send, whyForbidden, type SendOptions} from '../../core/webhooks/sending/send.ts';
import {createAuthority, type Authority, type Certificate} from '../helpers/certificates.ts';
import {eventually} from '../helpers/program.ts';
import {startNameServer} from '../helpers/name-server.ts';
import {createRawReceiver} from '../webhooks/raw-receiver.ts';

const credentials = `Basic ${Buffer.from('latchkey:p@ss word').toString('base64')}`;

type TestProxy = {url: string; asked: {authority: string; authorization: string | undefined}[]};

async function listen(t: ExecutionContext, server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => void server.close());
	return (server.address() as AddressInfo).port;
}

/** A proxy that leads to `port` of this machine, wherever it is asked to connect to. */
async function startProxy(
	t: ExecutionContext,
	port: number,
	{certificate, refuses}: {certificate?: Certificate; refuses?: string} = {},
): Promise<TestProxy> {
	const asked: TestProxy['asked'] = [];
	const server = certificate === undefined ? createServer() : createTlsServer(certificate);
	server.on('connect', (request: IncomingMessage, socket: Socket) => {
		const {'proxy-authorization': authorization} = request.headers;
		asked.push({authority: request.url ?? '', authorization});
		socket.on('error', () => {});
		if (refuses !== undefined) return void socket.end(`HTTP/1.1 ${refuses}\r\n\r\n`);
		const onward = connectTcp(port, '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n');
			socket.pipe(onward).pipe(socket);
		});
		onward.on('error', () => socket.destroy());
	});
	const at = await listen(t, server);
	const scheme = certificate === undefined ? 'http' : 'https';
	return {url: `${scheme}://latchkey:p%40ss%20word@localhost:${at}`, asked};
}

const ok = (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');

let authority: Authority;
let names: Names;
let closeNames = () => {};

test.before(async () => {
	authority = await createAuthority();
	const hostsFile = path.join(await mkdtemp(path.join(tmpdir(), 'hosts-')), 'hosts');
	await writeFile(hostsFile, '9.9.9.9 known.example\n10.0.0.7 inside.example mixed.example\n');
	const server = await startNameServer(() => 'absent');
	closeNames = server.close;
	names = new Names({hostsFile, resolvConf: '/none', servers: [server.address]});
});

test.after.always(() => closeNames());

function optionsFor(proxy: {url: string} | undefined, allowed = ''): SendOptions {
	return {
		policy: {
			allowedNetworks: allowed === '' ? [] : networks(allowed),
			allowedPorts: [],
			interfaces: () => [],
			services: () => [],
		},
		names,
		proxy: proxy && parseProxy(proxy.url),
		ca: [authority.cert],
		keepsPrivateAnswers: true,
		now: Date.now,
	};
}

const sendTo = (url: string, options: SendOptions) =>
	send({organisationId: 'one', url, headers: {}, body: '{}'}, options);

async function receive(t: ExecutionContext, host: string) {
	const receiver = await createRawReceiver(ok, await authority.issue(host));
	t.teardown(receiver.close);
	return {receiver, port: Number(new URL(receiver.url).port)};
}

test('names of the public internet are reached through the proxy, also those that nobody here resolves', async (t) => {
	for (const host of ['known.example', 'unknown.example', '9.9.9.9']) {
		const {receiver, port} = await receive(t, host);
		const proxy = await startProxy(t, port);
		const sent = await sendTo(`https://${host}:8443/hooks`, optionsFor(proxy));
		t.like(sent, {result: 'succeeded', statusCode: 200, address: null, responseBody: '{}'}, host);
		t.deepEqual(proxy.asked, [{authority: `${host}:8443`, authorization: credentials}]);
		t.is(receiver.requests, 1);
	}
});

test('the proxy may be reached by TLS; the receiver’s own certificate is checked all the same', async (t) => {
	const {port} = await receive(t, 'unknown.example');
	const proxy = await startProxy(t, port, {certificate: await authority.issue('localhost')});
	const options = optionsFor(proxy);
	t.like(await sendTo('https://unknown.example./', options), {result: 'succeeded'});
	t.is(proxy.asked[0]?.authority, 'unknown.example:443');
	const other = await sendTo('https://other.example/', options);
	t.like(other, {result: 'tls', detail: 'TLS failed (ERR_TLS_CERT_ALTNAME_INVALID)'});
});

test('what may not be sent to is not asked of the proxy', async (t) => {
	const {port} = await receive(t, 'inside.example');
	const proxy = await startProxy(t, port);
	for (const [url, why] of [
		['https://inside.example/', /^10\.0\.0\.7 is not a public address/],
		['https://10.0.0.7/', /^10\.0\.0\.7 is not a public address/],
		['https://169.254.169.254/', /link-local/],
		['https://[::ffff:0:a9fe:a9fe]/', /nothing is ever sent there/],
		['https://[fd00::1]/', /is not a public address/],
		['https://redis/', /^redis cannot be resolved, and is not a name/],
		['https://metadata.google.internal/', /is not a name that the proxy is asked for/],
		['https://a.localhost/', /is not a public address/],
		['https://printer.local./', /is not a name that the proxy is asked for/],
		['https://localhost../', /is not a name that the proxy is asked for/],
		['https://metadata.google.internal../', /is not a name that the proxy is asked for/],
		['https://169.254.169.254../', /is not a name that the proxy is asked for/],
		['https://unknown.example:25/', /port 25 is reserved/],
		['http://unknown.example/', /without TLS/],
		['http://known.example/', /without TLS/],
	] as const) {
		const options = optionsFor(proxy);
		t.like(await sendTo(url, options), {result: 'blocked'}, url);
		t.regex((await whyForbidden(new URL(url), 'one', options)) ?? '', why, url);
	}
	t.deepEqual(proxy.asked, []);
	t.is(
		await whyForbidden(new URL('https://unknown.example/'), 'one', optionsFor(proxy)),
		undefined,
	);
});

test('networks that an operator opened are reached without the proxy', async (t) => {
	const {receiver, port} = await receive(t, '127.0.0.1');
	const proxy = await startProxy(t, port);
	const sent = await sendTo(receiver.url, optionsFor(proxy, 'loopback'));
	t.like(sent, {result: 'succeeded', address: '127.0.0.1'});
	t.deepEqual(proxy.asked, []);
});

test('a proxy that does not do it is a failure of its own, and its credentials are in no text', async (t) => {
	const {port} = await receive(t, 'unknown.example');
	const attempt = async (options: SendOptions) => {
		const sent = await sendTo('https://unknown.example/', options);
		t.false(/p%40ss|p@ss|latchkey/.test(JSON.stringify(sent)));
		return [sent.result, sent.detail];
	};
	for (const status of ['407 Proxy Authentication Required', '403 Forbidden', '502 Bad Gateway']) {
		const proxy = await startProxy(t, port, {refuses: status});
		const detail = `the proxy answered with status ${status.slice(0, 3)}`;
		t.deepEqual(await attempt(optionsFor(proxy)), ['refused', detail]);
	}
	t.deepEqual(await attempt(optionsFor({url: 'http://latchkey:p%40ss@127.0.0.1:1'})), [
		'refused',
		'the proxy could not be reached: no connection (ECONNREFUSED)',
	]);
	const closing = createTcpServer((socket) => socket.once('data', () => socket.end()));
	const silent = createTcpServer(() => {});
	const [first, second] = [await listen(t, closing), await listen(t, silent)];
	t.is((await attempt(optionsFor({url: `http://127.0.0.1:${first}`})))[0], 'refused');
	const options = optionsFor({url: `http://127.0.0.1:${second}`});
	t.deepEqual(await attempt({...options, connectTimeoutMs: 500}), [
		'timeout',
		'the proxy did not answer in time',
	]);
});

test('identity providers are reached through it, too; those beside us are not', async (t) => {
	const port = await listen(
		t,
		createServer((_request, response) => response.end('{}')),
	);
	const proxy = await startProxy(t, port);
	const ask = createProviderAsker({names, proxy: parseProxy(proxy.url)});
	// A busy machine may need longer than a provider is waited for.
	const read = (address: string) => eventually(() => fetchJson(ask, address));
	t.deepEqual(await read('http://unknown.example:8080/keys'), {});
	t.deepEqual(proxy.asked[0], {authority: 'unknown.example:8080', authorization: credentials});
	const before = proxy.asked.length;
	t.deepEqual(await read(`http://127.0.0.1:${port}/keys`), {});
	t.is(proxy.asked.length, before);
	await t.throwsAsync(
		fetchJson(createProviderAsker({names, proxy: undefined}), 'http://unknown.example'),
		{
			instanceOf: ProviderFault,
			message: 'no answer (its name could not be resolved (ENOTFOUND))',
		},
	);
});

test('name servers that are silent leave an identity provider to the proxy in time', async (t) => {
	const port = await listen(
		t,
		createServer((_request, response) => response.end('{}')),
	);
	const proxy = parseProxy((await startProxy(t, port)).url);
	const silent = [await startNameServer(() => 'silent'), await startNameServer(() => 'silent')];
	for (const {close} of silent) t.teardown(close);
	const servers = silent.map(({address}) => address);
	// Again with nothing remembered: a busy machine may need longer than a provider is waited for.
	const answer = await eventually(() => {
		const forgetful = new Names({hostsFile: '/none', resolvConf: '/none', servers});
		return fetchJson(
			createProviderAsker({names: forgetful, proxy}),
			'http://silent.example:8080/keys',
		);
	});
	t.deepEqual(answer, {});
});

test('the setting is one URL; a faulty one is refused', (t) => {
	t.deepEqual(parseProxy('http://proxy.example:3128'), {
		host: 'proxy.example',
		port: 3128,
		isTls: false,
		authorization: undefined,
	});
	t.like(parseProxy('https://[2001:db8::1]'), {host: '2001:db8::1', port: 443, isTls: true});
	t.is(parseProxy('http://latchkey:p%40ss%20word@a.example').authorization, credentials);
	for (const text of ['proxy.example:3128', 'socks5://a', 'http://a/path', 'http://a:%zz@b', '']) {
		t.throws(() => parseProxy(text), {message: /^a URL such as/}, text);
	}
});
