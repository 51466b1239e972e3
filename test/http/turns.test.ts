import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {
	connect,
	createServer as createNetServer,
	type AddressInfo,
	type Server,
	type Socket,
} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {noteRequest} from '../../server/connections.ts';
import {inShortTurns} from '../../server/turns.ts';

async function listen(t: ExecutionContext, server: Server): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	return (server.address() as AddressInfo).port;
}

async function open(t: ExecutionContext, port: number) {
	const socket = connect({port, host: '127.0.0.1'});
	t.teardown(() => socket.destroy());
	await once(socket, 'connect');
	return socket;
}

/** Longer than what is begun in one turn of the event loop. */
function beBusy(): void {
	const until = performance.now() + 5;
	while (performance.now() < until);
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

/** A server that notes what is begun, and is busy with each request. */
async function start(
	t: ExecutionContext,
	after: (request: IncomingMessage, response: ServerResponse) => void = () => {},
) {
	const begun: string[] = [];
	const begin = inShortTurns(({url = ''}, response) => {
		begun.push(url);
		if (url !== '/quick') beBusy();
		response.end(url);
	});
	const server = createServer((request, response) => {
		begin(request, response);
		after(request, response);
	});
	t.teardown(() => server.closeAllConnections());
	const port = await listen(t, server);
	/** Connections that the server has taken: what is written to all of them at once is ready at once. */
	const openAll = async (count: number) => {
		const sockets = [];
		for (let i = 0; i < count; i++) {
			const socket = await open(t, port);
			socket.write(get('/quick'));
			await once(socket, 'data');
			sockets.push(socket);
		}
		begun.length = 0;
		return sockets;
	};
	return {begun, openAll};
}

test('what others send is read before all requests that are ready are begun', async (t) => {
	const {begun, openAll} = await start(t);
	const others = createNetServer((socket) => socket.pipe(socket));
	const other = await open(t, await listen(t, others));
	other.once('data', () => begun.push('other'));
	const sockets = await openAll(20);

	const answers = sockets.map((socket) => once(socket, 'data'));
	for (const [i, socket] of sockets.entries()) socket.write(get(`/${i}`));
	other.write('a');
	await Promise.all(answers);

	t.deepEqual(
		begun.filter((each) => each !== 'other').toSorted(),
		sockets.map((_, i) => `/${i}`).toSorted(),
	);
	t.true(begun.includes('other'));
	t.not(begun.at(-1), 'other', 'it waited for all of them');
});

test('the requests of a connection are begun in their order, however many there are', async (t) => {
	const {begun, openAll} = await start(t);
	const [busy, many] = (await openAll(2)) as [Socket, Socket];
	const paths = Array.from({length: 2500}, () => '/quick');
	let received = '';
	many.on('data', (chunk: Buffer) => {
		received += chunk.toString('latin1');
	});
	busy.write(get('/busy'));
	many.write(['/first', ...paths, '/last'].map(get).join(''));
	while (!received.endsWith('/last')) await once(many, 'data');

	const ofMany = begun.filter((path) => path !== '/busy');
	t.deepEqual(ofMany, ['/first', ...paths, '/last']);
	t.is(received.match(/HTTP\/1\.1 200/g)?.length, ofMany.length);
});

test('a request whose client has gone meanwhile, or that was refused, is not begun', async (t) => {
	const {begun, openAll} = await start(t, ({url, socket}, response) => {
		if (url === '/gone') socket.destroy();
		if (url === '/refused') response.writeHead(400).end();
	});
	const sockets = await openAll(4);
	const paths = ['/first', '/gone', '/refused', '/last'];
	const answers = sockets.map(async (socket) => {
		const chunks: Buffer[] = [];
		socket.on('data', (chunk: Buffer) => chunks.push(chunk));
		await Promise.race([once(socket, 'data'), once(socket, 'close')]);
		return Buffer.concat(chunks).toString();
	});
	for (const [i, socket] of sockets.entries()) socket.write(get(paths[i] ?? ''));
	const [, none, refusal] = await Promise.all(answers);

	t.deepEqual(begun, ['/first', '/last']);
	t.is(none, '');
	t.regex(refusal ?? '', /^HTTP\/1\.1 400 /);
});

test('of what stands behind an answer that ends the connection, nothing is begun', async (t) => {
	const begun: string[] = [];
	const begin = inShortTurns(({url = ''}, response) => {
		begun.push(url);
		beBusy();
		if (url === '/2') response.setHeader('Connection', 'close');
		response.end(url);
	});
	const server = createServer((request, response) => {
		const noted = noteRequest(request, response);
		if (noted !== undefined) begin(request, response, noted.before);
	});
	const socket = await open(t, await listen(t, server));
	let received = '';
	socket.on('data', (chunk: Buffer) => {
		received += chunk.toString('latin1');
	});
	socket.write(['/1', '/2', '/3', '/4', '/5'].map(get).join(''));
	await once(socket, 'close');

	t.deepEqual(begun, ['/1', '/2']);
	t.deepEqual(received.match(/(?<=\r\n)\/\d/g), ['/1', '/2']);
});
