import {createServer, type AddressInfo, type Socket} from 'node:net';
import {createServer as createTlsServer} from 'node:tls';
import {eventually} from '../helpers/program.ts';
import type {Certificate} from '../helpers/certificates.ts';

export type RawReceiver = {
	url: string;
	/** Connections on which a request has come. */
	requests: number;
	/** Bytes that were taken of its answers, as far as the kernel tells. */
	written: number;
	/** Waits until every connection has ended. */
	allEnd: (withinMs?: number) => Promise<void>;
	close: () => Promise<void>;
};

/** Answers requests with whatever `answer` writes: what no HTTP server would let through. */
export async function createRawReceiver(
	answer: (socket: Socket) => void,
	certificate?: Certificate,
): Promise<RawReceiver> {
	const open = new Set<Socket>();
	const begin = (socket: Socket) => {
		open.add(socket);
		socket.on('error', () => {});
		socket.once('close', () => {
			open.delete(socket);
			receiver.written += socket.bytesWritten;
		});
		let text = '';
		socket.on('data', (data) => {
			const isWhole = isRequest(text);
			text += data.toString();
			if (isWhole || !isRequest(text)) return;
			receiver.requests++;
			answer(socket);
		});
	};
	const server =
		certificate === undefined ? createServer(begin) : createTlsServer(certificate, begin);
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const {port} = server.address() as AddressInfo;
	const receiver: RawReceiver = {
		url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hooks`,
		requests: 0,
		written: 0,
		async allEnd(withinMs = 60_000) {
			await eventually(() => open.size === 0, {withinMs, what: 'connections to end'});
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of open) socket.destroy();
			}),
	};
	return receiver;
}

function isRequest(text: string): boolean {
	const [head = '', body] = text.split('\r\n\r\n');
	const length = /^content-length: (\d+)$/im.exec(head)?.[1];
	return body !== undefined && body.length >= Number(length);
}
