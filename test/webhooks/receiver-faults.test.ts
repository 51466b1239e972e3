import type {Socket} from 'node:net';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {networks} from '../../core/config/parse.ts';
import {Names} from '../../core/outbound/names.ts';
import {retryAfter} from '../../core/webhooks/deliveries/retry.ts';
import {send, type SendOptions, type Sent} from '../../core/webhooks/sending/send.ts';
import {createAuthority, selfSigned, type Certificate} from '../helpers/certificates.ts';
import {createRawReceiver, type RawReceiver} from './raw-receiver.ts';

// F8 of the design: what receivers do wrong, on real sockets. Through the worker: worker-faults.test.ts.

const options: SendOptions = {
	policy: {
		allowedNetworks: networks('loopback'),
		allowedPorts: [],
		interfaces: () => [],
		services: () => [],
	},
	names: new Names(),
	proxy: undefined,
	ca: [],
	keepsPrivateAnswers: true,
	now: Date.now,
};

const headers = {'webhook-id': 'msg_1'};
const organisationId = 'an organisation';

async function sendTo(receiver: RawReceiver, more: Partial<SendOptions> = {}): Promise<Sent> {
	return send({organisationId, url: receiver.url, headers, body: '{"a":1}'}, {...options, ...more});
}

async function receive(
	t: ExecutionContext,
	answer: (socket: Socket) => void,
	certificate?: Certificate,
): Promise<RawReceiver> {
	const receiver = await createRawReceiver(answer, certificate);
	t.teardown(receiver.close);
	return receiver;
}

const http = (status: string, lines: readonly string[] = [], body = '') =>
	[`HTTP/1.1 ${status}`, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join(
		'\r\n',
	);

test('each status has its result; only 2xx is a success', async (t) => {
	for (const [status, result, stop] of [
		['200 OK', 'succeeded', undefined],
		['204 No Content', 'succeeded', undefined],
		['299 Fine', 'succeeded', undefined],
		['302 Found', 'http', undefined],
		['304 Not Modified', 'http', undefined],
		['400 Bad Request', 'http', undefined],
		['410 Gone', 'http', 'gone'],
		['500 Internal Server Error', 'http', undefined],
	] as const) {
		const receiver = await receive(t, (socket) => socket.end(http(status)));
		const sent = await sendTo(receiver);
		t.like(sent, {result, stop, statusCode: Number(status.slice(0, 3))}, status);
		t.is(receiver.requests, 1);
	}
});

test('S-106: Retry-After is understood as seconds and as a date of the receiver’s own clock', async (t) => {
	const date = (ms: number) => new Date(ms).toUTCString();
	const wrongClock = Date.UTC(2031, 0, 1);
	for (const [lines, seconds] of [
		[['Retry-After: 120'], 120],
		[[`Date: ${date(wrongClock)}`, `Retry-After: ${date(wrongClock + 90_000)}`], 90],
		[[`Date: ${date(wrongClock)}`, `Retry-After: ${date(wrongClock - 90_000)}`], 0],
		[['Retry-After: soon'], undefined],
		[['Retry-After: -1'], undefined],
		[['Retry-After: 99999999999999999999'], undefined],
		[[], undefined],
	] as const) {
		const receiver = await receive(t, (socket) => socket.end(http('429 Too Many Requests', lines)));
		const sent = await sendTo(receiver);
		t.is(sent.retryAfterSeconds, seconds, lines.join());
	}
	const receiver = await receive(t, (socket) => {
		socket.end(http('503 Service Unavailable', [`Retry-After: ${date(Date.now() + 60_000)}`]));
	});
	const {retryAfterSeconds = 0} = await sendTo(receiver);
	t.true(retryAfterSeconds > 45 && retryAfterSeconds <= 60);
});

test('a receiver that never answers, or hangs in the middle, is cut off at the deadline', async (t) => {
	for (const [what, beginning, detail] of [
		['nothing', '', 'no answer in time'],
		['a part of the head', 'HTTP/1.1 200 OK\r\nContent-', 'no answer in time'],
		['hints and no end', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'no answer in time'],
		[
			'a part of the body',
			'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
			'the answer did not end in time',
		],
	] as const) {
		const receiver = await receive(t, (socket) => socket.write(beginning));
		const sent = await sendTo(receiver, {timeoutMs: 1500});
		t.like(sent, {result: 'timeout', detail}, what);
		await receiver.allEnd();
	}
});

test('S-104: an answer that drips is cut off at the deadline, in its head and in its body', async (t) => {
	for (const beginning of ['HTTP/1.1 200 OK\r\nX: ', 'HTTP/1.1 200 OK\r\n\r\n']) {
		const receiver = await receive(t, (socket) => {
			socket.write(beginning);
			const timer = setInterval(() => socket.write('a'), 20);
			socket.once('close', () => clearInterval(timer));
		});
		const sent = await sendTo(receiver, {timeoutMs: 2000});
		t.is(sent.result, 'timeout');
		await receiver.allEnd();
		t.true(receiver.written > beginning.length + 3, 'it dripped');
	}
});

/** Writes for as long as anybody takes it. */
function pour(socket: Socket, what: Buffer): void {
	const more = () => {
		while (!socket.destroyed && socket.write(what));
	};
	socket.on('drain', more);
	more();
}

test.serial('S-104: an endless body is cut off at 16 KiB; memory does not grow', async (t) => {
	const block = Buffer.alloc(65_536, 'x');
	const receiver = await receive(t, (socket) => {
		socket.write('HTTP/1.1 200 OK\r\n\r\n');
		pour(socket, block);
	});
	await sendTo(receiver);
	const before = process.memoryUsage.rss();
	for (let i = 0; i < 30; i++) {
		const sent = await sendTo(receiver);
		t.like(sent, {result: 'succeeded', responseBody: 'x'.repeat(4096)});
	}
	await receiver.allEnd();
	t.true(process.memoryUsage.rss() - before < 50 * 2 ** 20);
	// What the kernel takes before anybody reads it.
	t.true(receiver.written / receiver.requests < 16 * 2 ** 20, `${receiver.written} bytes`);
});

test('S-104: an endless head is cut off', async (t) => {
	const block = Buffer.from(`X-More: ${'x'.repeat(1000)}\r\n`);
	const receiver = await receive(t, (socket) => {
		socket.write('HTTP/1.1 200 OK\r\n');
		pour(socket, block);
	});
	t.like(await sendTo(receiver), {
		result: 'reset',
		detail: 'the answer has a head of more than 65536 bytes',
	});
	await receiver.allEnd();
});

/** Made before the tests run: it takes a while, and some of them reckon with time. */
const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20));

test('S-104: a compressed body is not decoded', async (t) => {
	const receiver = await receive(t, (socket) => {
		socket.write(
			`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`,
		);
		socket.write(bomb);
	});
	const sent = await sendTo(receiver);
	t.is(sent.result, 'succeeded');
	t.is(sent.responseHeaders?.['content-encoding'], 'gzip');
	t.true((sent.responseBody ?? '').length <= 4096);
});

test('connections that break, and answers that are none, are failures of their own kind', async (t) => {
	for (const [what, answer] of [
		['closed without an answer', (socket: Socket) => socket.end()],
		['reset before the answer', (socket: Socket) => socket.resetAndDestroy()],
		[
			'reset in the head',
			(socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nX: ', () => socket.resetAndDestroy()),
		],
		[
			'closed in the body',
			(socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'),
		],
		[
			'closed in a chunk',
			(socket: Socket) =>
				socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc'),
		],
		['no HTTP', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')],
		[
			'another protocol',
			(socket: Socket) =>
				socket.write(
					'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
				),
		],
	] as const) {
		const receiver = await receive(t, answer);
		const sent = await sendTo(receiver, {timeoutMs: 60_000});
		t.is(sent.result, 'reset', what);
		t.is(sent.statusCode, null, what);
		await receiver.allEnd();
	}
});

test('early hints are skipped', async (t) => {
	const receiver = await receive(t, (socket) => {
		socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
		socket.end(http('200 OK', [], 'well'));
	});
	t.like(await sendTo(receiver), {result: 'succeeded', statusCode: 200, responseBody: 'well'});
});

test('nobody there is a refusal', async (t) => {
	const receiver = await receive(t, () => {});
	await receiver.close();
	t.like(await sendTo(receiver), {result: 'refused', address: null});
});

test('TLS: certificates that are expired, self-signed, of another name or of an unknown authority are refused', async (t) => {
	const authority = await createAuthority();
	const ca = [authority.cert];
	for (const [certificate, trusted, code] of [
		[await authority.issue('127.0.0.1', -1), ca, 'CERT_HAS_EXPIRED'],
		[await selfSigned('127.0.0.1'), ca, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
		[await authority.issue('other.example'), ca, 'ERR_TLS_CERT_ALTNAME_INVALID'],
		[await authority.issue('127.0.0.1'), [], 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
	] as const) {
		const receiver = await receive(t, (socket) => socket.end(http('200 OK')), certificate);
		const sent = await sendTo(receiver, {ca: trusted});
		t.like(sent, {result: 'tls', detail: `TLS failed (${code})`});
		t.is(receiver.requests, 0, 'nothing was sent');
	}
});

test('TLS: an authority that the operator names is trusted; the parts of an attempt are timed', async (t) => {
	const authority = await createAuthority();
	const certificate = await authority.issue('127.0.0.1');
	const receiver = await receive(t, (socket) => socket.end(http('200 OK')), certificate);
	const sent = await sendTo(receiver, {ca: [authority.cert]});
	t.is(sent.result, 'succeeded');
	const {dns, connect, tls, first_byte: first, total} = sent.timings;
	const parts = [dns, connect, tls, first, total];
	t.deepEqual(
		parts,
		parts.toSorted((a, b) => (a ?? NaN) - (b ?? NaN)),
	);
});

test('TLS that hangs is given up with the connection', async (t) => {
	const receiver = await receive(t, () => {});
	const url = receiver.url.replace('http:', 'https:');
	const sent = await send(
		{organisationId, url, headers, body: ''},
		{...options, connectTimeoutMs: 200},
	);
	t.like(sent, {result: 'timeout', detail: 'TLS was not agreed in time'});
});

test('steps between attempts: a fifth earlier or later, never before Retry-After, a minute after overload', (t) => {
	const failed = {result: 'http', statusCode: 500, retryAfterSeconds: undefined} as const;
	const steps = [100, 200];
	t.is(Math.round(retryAfter(1, failed, steps, 0) ?? 0), 80);
	t.is(Math.round(retryAfter(1, failed, steps, 1) ?? 0), 120);
	t.is(retryAfter(2, failed, steps, 0.5), 200);
	t.is(retryAfter(3, failed, steps), undefined);
	t.is(retryAfter(1, {...failed, retryAfterSeconds: 5000}, steps), 5000);
	t.is(retryAfter(1, {...failed, retryAfterSeconds: 999_999_999}, steps), 86_400);
	t.is(retryAfter(1, {...failed, retryAfterSeconds: 1}, steps, 0.5), 100);
	for (const overload of [
		{...failed, statusCode: 429},
		{...failed, statusCode: 502},
		{...failed, statusCode: 504},
		{...failed, result: 'timeout', statusCode: null},
	] as const) {
		t.is(retryAfter(1, overload, [5], 0.5), 60);
	}
});
