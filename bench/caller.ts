import {Agent, request, type IncomingHttpHeaders} from 'node:http';
import type {Tokens} from '../contract/people.ts';
import type {Program} from './program.ts';
import {administrator} from './services.ts';

export type Timed = {status: number; headers: IncomingHttpHeaders; text: string; ms: number};

export type Caller = {
	/** One request, timed from the writing of it to the end of its answer. */
	send: (
		program: Program,
		path: string,
		options: {
			bearer: string;
			method?: string;
			body?: unknown;
			headers?: Record<string, string>;
		},
	) => Promise<Timed>;
	close: () => void;
};

/**
 * Somebody who asks now and then, on connections that are kept.
 *
 * @param signal when the run is interrupted: what is asked then, or was not answered yet, fails
 */
export function createCaller(signal: AbortSignal): Caller {
	const agent = new Agent({keepAlive: true});
	return {
		send: ({port}, path, {bearer, method, body, headers}) =>
			new Promise((resolve, reject) => {
				const text = body === undefined ? undefined : JSON.stringify(body);
				const sentAt = performance.now();
				const outgoing = request({
					agent,
					signal,
					host: '127.0.0.1',
					port,
					path,
					method: method ?? (text === undefined ? 'GET' : 'POST'),
					timeout: 30_000,
					headers: {
						...headers,
						Authorization: `Bearer ${bearer}`,
						...(text === undefined
							? {}
							: {
									'Content-Type': 'application/json',
									'Content-Length': Buffer.byteLength(text),
								}),
					},
				});
				outgoing.once('response', (incoming) => {
					const chunks: Buffer[] = [];
					incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
					incoming.once('error', reject);
					incoming.once('end', () => {
						resolve({
							status: incoming.statusCode ?? 0,
							headers: incoming.headers,
							text: Buffer.concat(chunks).toString(),
							ms: performance.now() - sentAt,
						});
					});
				});
				outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
				outgoing.once('error', reject);
				outgoing.end(text);
			}),
		close: () => agent.destroy(),
	};
}

/** An access token of the administrator, good for some minutes. */
export async function logIn(caller: Caller, program: Program): Promise<string> {
	const {status, text} = await caller.send(program, '/api/v1/auth/login', {
		bearer: '',
		body: administrator,
	});
	if (status !== 200) throw new Error(`the log-in was answered with ${status}`);
	return (JSON.parse(text) as Tokens).access_token;
}
