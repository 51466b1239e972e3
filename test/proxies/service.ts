import {createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders} from 'node:http';

/** A request that reached a server behind the proxy. */
export type Seen = {
	method: string;
	path: string;
	headers: IncomingHttpHeaders;
	rawHeaders: readonly string[];
	body: string;
};

export type RecordingService = {
	port: number;
	/** What reached it since the last call. */
	take: () => Seen[];
	/** How many connections were opened to it. */
	connections: () => number;
	stop: () => Promise<void>;
};

type GivenAnswer = {status: number; headers: OutgoingHttpHeaders; body: string};

const fromService: GivenAnswer = {status: 200, headers: {}, body: 'from the service'};

/** A server that remembers what came, to stand behind a proxy. */
export async function startService(
	answer: () => GivenAnswer = () => fromService,
): Promise<RecordingService> {
	let seen: Seen[] = [];
	let connections = 0;
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.once('end', () => {
			seen.push({
				method: request.method ?? '',
				path: request.url ?? '',
				headers: request.headers,
				rawHeaders: request.rawHeaders,
				body: Buffer.concat(chunks).toString(),
			});
			const {status, headers, body} = answer();
			response.writeHead(status, headers).end(body);
		});
	});
	server.on('connection', () => connections++);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return {
		port: address.port,
		take() {
			const taken = seen;
			seen = [];
			return taken;
		},
		connections: () => connections,
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
