import {once} from 'node:events';
import {createServer} from 'node:http';
import {connect, type AddressInfo} from 'node:net';
import test from 'ava';
import {isWhole} from '../../server/http/whole.ts';

test('a body that comes with its headers is whole, one that follows them is not yet', async (t) => {
	const seen: boolean[] = [];
	const server = createServer((request, response) => {
		void isWhole(request).then((whole) => {
			seen.push(whole);
			response.end(() => request.destroy());
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n';
	for (const text of [`${head}abc`, head, `${head}ab`, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n']) {
		const socket = connect(port, '127.0.0.1');
		socket.write(text);
		socket.resume();
		await once(socket, 'close');
	}
	t.deepEqual(seen, [true, false, false, true]);
});
