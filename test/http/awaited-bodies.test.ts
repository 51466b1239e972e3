import {createServer} from 'node:http';
import {connect, type AddressInfo, type Socket} from 'node:net';
import test from 'ava';
import {AwaitedBodies} from '../../server/http/awaited-bodies.ts';
import {eventually} from '../helpers/program.ts';

const most = 10_000;
const mostEach = 4000;

test('bodies that come slowly hold no more memory than they may: the one awaited longest is given up', async (t) => {
	const bodies = new AwaitedBodies(most);
	const outcomes = new Map<string, string>();
	const server = createServer((request, response) => {
		const name = request.url ?? '';
		outcomes.set(name, 'awaited');
		void bodies.read(request, mostEach).then(
			(body) => {
				outcomes.set(name, typeof body === 'string' ? body : `${body.length} bytes`);
				response.end();
			},
			() => outcomes.set(name, 'cut off'),
		);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		server.close();
		server.closeAllConnections();
	});
	const {port} = server.address() as AddressInfo;
	const sockets: Socket[] = [];
	/** Announces a body and sends a part of it. */
	const send = async (name: string, length: number, sent: number) => {
		const socket = connect(port, '127.0.0.1');
		socket.on('error', () => {});
		sockets.push(socket);
		socket.write(`POST ${name} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
		socket.write('x'.repeat(sent));
		return socket;
	};
	const becomes = (name: string, outcome: string) =>
		eventually(() => outcomes.get(name) === outcome, {what: `${name} to be ${outcome}`});

	for (const name of ['/1', '/2', '/3']) {
		await send(name, 4000, 3000);
		await becomes(name, 'awaited');
	}
	await send('/whole', 2000, 2000);
	await becomes('/whole', '2000 bytes');
	t.is(outcomes.get('/1'), 'given up');
	t.is(outcomes.get('/2'), 'awaited');

	// What was given up, is whole, or belongs to who has gone, counts no more.
	sockets[1]?.destroy();
	await becomes('/2', 'cut off');
	sockets[2]?.write('x'.repeat(1000));
	await becomes('/3', '4000 bytes');
	await send('/4', 4000, 4000);
	await becomes('/4', '4000 bytes');
	await send('/large', 5000, 5000);
	await becomes('/large', 'too large');
	const idle = await Promise.all(
		Array.from({length: 100}, (_, index) => send(`/idle/${index}`, 10, 1)),
	);
	t.is(idle.length, 100);
	await send('/last', 4000, 4000);
	await becomes('/last', '4000 bytes');
	t.false(
		[...outcomes].some(([name, outcome]) => name.startsWith('/idle') && outcome !== 'awaited'),
	);
	for (const socket of sockets) socket.destroy();
});
