import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {eventually} from '../helpers/program.ts';

export type Received = {
	path: string;
	at: number;
	headers: Record<string, string>;
	body: string;
	/** What was answered; undefined: nothing that was ended. */
	status?: number;
	/** The event, read from the body. */
	event: {id: string; type: string; sequence: number; data: Record<string, unknown>};
};

export type Receiver = {
	url: string;
	port: number;
	received: Received[];
	/** Answers requests from now on; by default 204. */
	answer: (handler: (request: IncomingMessage, response: ServerResponse) => void) => void;
	/** Waits until so many have come. */
	waitFor: (count: number, withinMs?: number) => Promise<Received[]>;
	close: () => Promise<void>;
};

/** A receiver of webhooks over real HTTP, on the loopback address. */
export async function createReceiver(port = 0): Promise<Receiver> {
	const received: Received[] = [];
	const ok = (_request: IncomingMessage, response: ServerResponse) => {
		response.writeHead(204).end();
	};
	let handler = ok;
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const body = Buffer.concat(chunks).toString();
			const one: Received = {
				path: request.url ?? '',
				at: Date.now(),
				headers: request.headers as Record<string, string>,
				body,
				event: JSON.parse(body) as Received['event'],
			};
			received.push(one);
			response.once('finish', () => {
				one.status = response.statusCode;
			});
			handler(request, response);
		});
	});
	await new Promise<void>((resolve) => {
		server.listen(port, '127.0.0.1', resolve);
	});
	const bound = (server.address() as AddressInfo).port;
	return {
		url: `http://127.0.0.1:${bound}/hooks`,
		port: bound,
		received,
		answer(next) {
			handler = next;
		},
		async waitFor(count, withinMs = 60_000) {
			await eventually(() => Promise.resolve(received.length >= count), {
				withinMs,
				what: `${count} webhooks, of which ${received.length} came`,
			});
			return received;
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
