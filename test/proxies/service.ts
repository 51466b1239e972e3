import {createServer, type IncomingHttpHeaders} from 'node:http';

/** A request that reached the protected service. */
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
	stop: () => Promise<void>;
};

/** A service that answers everything with 200 and remembers what came, to stand behind a proxy. */
export async function startService(): Promise<RecordingService> {
	let seen: Seen[] = [];
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
			response.end('from the service');
		});
	});
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
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
