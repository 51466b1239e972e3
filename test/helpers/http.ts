import {request, type IncomingHttpHeaders} from 'node:http';
import {connect} from 'node:net';

export type Answer = {
	status: number;
	headers: IncomingHttpHeaders;
	rawHeaders: string[];
	text: string;
	/** The body as JSON; throws when it is none. */
	json: () => unknown;
};

/** The body without what differs from request to request, or from second to second. */
export function bodyOf({text}: Answer): string {
	return text.replaceAll(/"(request_id|decided_at)":"[^"]+"/g, '"$1":""');
}

/** Status, headers in their order and body, without what differs from request to request. */
export function bytesOf(answer: Answer): string {
	const lines: string[] = [];
	for (let i = 0; i < answer.rawHeaders.length; i += 2) {
		const name = answer.rawHeaders[i] ?? '';
		if (name !== 'Date' && name !== 'Request-Id')
			lines.push(`${name}: ${answer.rawHeaders[i + 1]}`);
	}
	return [answer.status, ...lines, bodyOf(answer)].join('\n');
}

export type CallOptions = {
	method?: string;
	/** Sent as `Authorization: Bearer …`. */
	bearer?: string;
	headers?: Record<string, string | string[]>;
	/** Sent as JSON; a string or bytes as they are. */
	body?: unknown;
	timeoutMs?: number;
};

/** One request, on a connection of its own. */
export function call(baseUrl: string, path: string, options: CallOptions = {}): Promise<Answer> {
	const {body, bearer, headers, timeoutMs = 60_000} = options;
	const bytes =
		body === undefined
			? undefined
			: typeof body === 'string' || Buffer.isBuffer(body)
				? Buffer.from(body)
				: Buffer.from(JSON.stringify(body));
	const {hostname, port} = new URL(baseUrl);
	return new Promise((resolve, reject) => {
		const outgoing = request(
			{
				hostname,
				port,
				path,
				method: options.method ?? (bytes === undefined ? 'GET' : 'POST'),
				agent: false,
				timeout: timeoutMs,
				headers: {
					...(bytes === undefined
						? {}
						: {'Content-Type': 'application/json', 'Content-Length': bytes.length}),
					...(bearer === undefined ? {} : {Authorization: `Bearer ${bearer}`}),
					...headers,
				},
			},
			(incoming) => {
				const chunks: Buffer[] = [];
				incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
				incoming.once('error', reject);
				incoming.once('end', () => {
					const text = Buffer.concat(chunks).toString();
					resolve({
						status: incoming.statusCode ?? 0,
						headers: incoming.headers,
						rawHeaders: incoming.rawHeaders,
						text,
						json: () => JSON.parse(text),
					});
				});
			},
		);
		outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
		outgoing.once('error', reject);
		outgoing.end(bytes);
	});
}

/** Bytes on a bare connection, and everything that comes back until the server closes it. */
export function rawCall(
	baseUrl: string,
	bytes: string | Buffer,
	options: {timeoutMs?: number} = {},
): Promise<string> {
	const {hostname, port} = new URL(baseUrl);
	return new Promise((resolve, reject) => {
		const socket = connect(Number(port), hostname);
		const chunks: Buffer[] = [];
		socket.setTimeout(options.timeoutMs ?? 60_000, () =>
			socket.destroy(new Error('not closed in time')),
		);
		socket.on('data', (chunk: Buffer) => chunks.push(chunk));
		socket.once('error', reject);
		socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
		socket.write(bytes);
	});
}

/** What stands in the bytes of one answer that is not chunked. */
export function readAnswer(received: string): Answer {
	const [head = '', text = ''] = received.split('\r\n\r\n', 2);
	const [statusLine = '', ...lines] = head.split('\r\n');
	const pairs = lines.map((line) => line.split(/: (.*)/, 2));
	return {
		status: Number(statusLine.split(' ')[1]),
		headers: Object.fromEntries(
			pairs.map(([name = '', value = '']) => [name.toLowerCase(), value]),
		),
		rawHeaders: pairs.flat(),
		text,
		json: () => JSON.parse(text),
	};
}
