import {connect, type Socket} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {exchange} from '../../core/outbound/exchange.ts';
import {OutboundFault} from '../../core/outbound/fault.ts';
import {createRawReceiver} from '../webhooks/raw-receiver.ts';

// Each of these answers was sent to curl 7.88: what it takes is taken here, and a little more.

async function ask(t: ExecutionContext, answer: string, most = 1000) {
	const receiver = await createRawReceiver((socket: Socket) => socket.end(answer, 'latin1'));
	t.teardown(receiver.close);
	const url = new URL(receiver.url);
	const socket = connect(Number(url.port), '127.0.0.1');
	socket.on('error', () => {});
	const signal = AbortSignal.timeout(60_000);
	const request = {method: 'POST', url, headers: {'x-a': 'b'}, body: '{}'};
	return exchange(socket, request, {most, signal});
}

const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\nok`;
const plain = (...headers: string[]) => lines('HTTP/1.1 200 OK', ...headers, 'Content-Length: 2');
const chunked = (body: string, ...headers: string[]) =>
	`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${headers.map((one) => `${one}\r\n`).join('')}\r\n${body}`;

const taken: Record<string, string> = {
	'in order': plain(),
	'bare LF': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
	'bare LF without a length': 'HTTP/1.1 200 OK\nX: y\n\nok',
	'bare LF here and there': 'HTTP/1.1 200 OK\r\nX: y\nContent-Length: 2\r\n\nok',
	'no reason': lines('HTTP/1.1 200', 'Content-Length: 2'),
	'no reason but a blank': lines('HTTP/1.1 200 ', 'Content-Length: 2'),
	'a reason of other bytes': lines('HTTP/1.1 200 \xd6k\x01\x7f\t', 'Content-Length: 2'),
	'a reason right after the status': lines('HTTP/1.1 200OK', 'Content-Length: 2'),
	'two blanks before the status': lines('HTTP/1.1  200 OK', 'Content-Length: 2'),
	'a version in small letters': lines('http/1.1 200 OK', 'Content-Length: 2'),
	'version 1.0': lines('HTTP/1.0 200 OK', 'Content-Length: 2'),
	'version 2': lines('HTTP/2 200 OK', 'Content-Length: 2'),
	'empty lines before it': `\r\n\n${plain()}`,
	'interim answers': `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\nLink: <a>\n\n${plain()}`,
	'a blank before the colon': plain('X : y'),
	'a blank before the colon of the length': lines('HTTP/1.1 200 OK', 'Content-Length : 2'),
	'odd names of headers': plain('X Y: z', 'X(y)[z]: z', 'X\xe4: z', ': z', 'nonsense'),
	'a header that goes on': plain('X: a', ' b', '\tc'),
	'a header that goes on before any began': plain(' X: a'),
	'control characters': plain('X: a\x01\x7f\0b', 'Y: a\rb'),
	'a length and chunks': chunked('2\r\nok\r\n0\r\n\r\n', 'Content-Length: 5'),
	'the length twice': plain('Content-Length: 2'),
	'the length twice, the last counts': plain('Content-Length: 3'),
	'a list of lengths': lines('HTTP/1.1 200 OK', 'Content-Length: 2, 2'),
	'a length with a sign': lines('HTTP/1.1 200 OK', 'Content-Length: +2'),
	'a length with more': lines('HTTP/1.1 200 OK', 'Content-Length: 2 x'),
	'a length beyond numbers': lines('HTTP/1.1 200 OK', 'Content-Length: 99999999999999999999'),
	'an empty length': lines('HTTP/1.1 200 OK', 'Content-Length:'),
	'no length': lines('HTTP/1.1 200 OK', 'X: y'),
	'no headers': 'HTTP/1.1 200 OK\r\n\r\nok',
	'more than the length says': `${plain()}, and more`,
	'another answer after it': plain('Connection: close') + plain(),
	'chunks with bare LF': chunked('2\nok\n0\n\n'),
	'blanks after the size of a chunk': chunked('2  \r\nok\r\n0\r\n\r\n'),
	'extensions of chunks': chunked('2;a="b \x01"\r\nok\r\n0\r\n\r\n'),
	'no end after the last chunk': chunked('1\r\no\r\n1\r\nk\r\n0\r\n'),
	trailers: chunked('2\r\nok\r\n0\r\nX: y\r\n\r\n'),
	'chunked, said twice': chunked('2\r\nok\r\n0\r\n\r\n', 'Transfer-Encoding: chunked'),
	identity: plain('Transfer-Encoding: identity'),
	'no encoding': plain('Transfer-Encoding:'),
	'an offer of another protocol': plain('Connection: upgrade', 'Upgrade: h2c'),
	'a head of 60 KiB': plain(...Array.from({length: 60}, () => `X: ${'x'.repeat(1000)}`)),
};

test('answers that curl takes are taken', async (t) => {
	for (const [what, answer] of Object.entries(taken)) {
		const {statusCode, bytes} = await ask(t, answer);
		t.is(statusCode, 200, what);
		t.is(bytes.toString('latin1').slice(0, 2), 'ok', what);
	}
});

test('where no body belongs none is read; one that was never begun is none', async (t) => {
	for (const answer of [
		'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok',
		'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
		'HTTP/1.1 204 No Content\r\n\r\n<html>',
		'HTTP/1.1 200 OK\r\n',
		'HTTP/1.1 200 OK\r\nX: y\r\n',
	]) {
		t.is((await ask(t, answer)).bytes.length, 0, answer);
	}
});

test('of a long body the beginning is read', async (t) => {
	const long = 'x'.repeat(5000);
	for (const answer of [
		`HTTP/1.1 200 OK\r\n\r\n${long}`,
		`HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n${long}`,
		chunked(`1388\r\n${long}\r\n0\r\n\r\n`),
		chunked(`384\r\n${'x'.repeat(900)}\r\n384\r\n${'x'.repeat(900)}\r\n0\r\n\r\n`),
	]) {
		t.like(await ask(t, answer), {bytes: Buffer.alloc(1000, 'x'), isCut: true});
	}
});

test('what is not an answer, or was cut off, is a fault', async (t) => {
	for (const [what, answer] of Object.entries({
		nothing: '',
		'the end in the first line': 'HTTP/1.1 200 OK',
		'the end in the body': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok',
		'the end in a chunk': chunked('5\r\nok'),
		'the end between chunks': chunked('2\r\nok\r\n'),
		'no chunks': chunked('ok'),
		'a chunk longer than it says': chunked('1\r\nok\r\n0\r\n\r\n'),
		'another protocol': 'SSH-2.0-OpenSSH_9.9\r\n',
		'only a body': 'ok',
		'a status of two digits': lines('HTTP/1.1 20 OK', 'Content-Length: 2'),
		'a status of four digits': lines('HTTP/1.1 2000 OK', 'Content-Length: 2'),
		'a status below 100': lines('HTTP/1.1 099 OK', 'Content-Length: 2'),
		'bare CR': 'HTTP/1.1 200 OK\rContent-Length: 2\r\rok',
		'only interim answers': 'HTTP/1.1 100 Continue\r\n\r\n',
	})) {
		const error = await t.throwsAsync(ask(t, answer), {instanceOf: OutboundFault}, what);
		t.is(error?.kind, 'reset', what);
	}
});
