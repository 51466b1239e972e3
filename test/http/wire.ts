import {connect, type Socket} from 'node:net';
import type {Server} from '../helpers/appliance.ts';
import {rawCall} from '../helpers/http.ts';

/** An answer as it stood on the wire. */
export type WireAnswer = {
	status: number;
	/** Status line and header lines, CRLF-separated, without the empty line. */
	head: string;
	body: string;
	/** Values of every line of that name, in order. */
	values: (name: string) => string[];
};

/** Takes the bytes of a connection apart; whatever does not parse as an answer throws. */
export function parseAnswers(bytes: string, options: {head?: boolean} = {}): WireAnswer[] {
	const answers: WireAnswer[] = [];
	for (let rest = bytes; rest !== '';) {
		const end = rest.indexOf('\r\n\r\n');
		if (end === -1 || !/^HTTP\/1\.1 \d{3} /.test(rest)) {
			throw new Error(`not an answer: ${JSON.stringify(rest.slice(0, 200))}`);
		}
		const head = rest.slice(0, end);
		const lines = head.split('\r\n').slice(1);
		const values = (name: string) =>
			lines
				.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
				.map((line) => line.slice(name.length + 1).trim());
		const length = options.head ? 0 : Number(values('Content-Length')[0] ?? 0);
		const body = rest.slice(end + 4, end + 4 + length);
		if (body.length < length) throw new Error('an answer is cut off');
		answers.push({status: Number(head.slice(9, 12)), head, body, values});
		rest = rest.slice(end + 4 + length);
	}
	return answers;
}

/** Sends bytes as they are and waits until the server closes the connection. */
export async function wire(server: Server, ...parts: readonly string[]): Promise<WireAnswer[]> {
	return parseAnswers(await rawCall(server.url, Buffer.from(parts.join(''), 'latin1')));
}

/** The one answer to a request that is sent as it is. */
export async function wireOne(server: Server, ...parts: readonly string[]): Promise<WireAnswer> {
	const answers = await wire(server, ...parts);
	const [answer] = answers;
	if (answer === undefined || answers.length > 1) throw new Error(`${answers.length} answers`);
	return answer;
}

/** A request text; `Host` and `Connection: close` are added, the lines are sent as given. */
export function requestText(line: string, lines: readonly string[] = [], body = ''): string {
	const all = [`${line} HTTP/1.1`, 'Host: latchkey.localhost', 'Connection: close', ...lines];
	return `${all.join('\r\n')}\r\n\r\n${body}`;
}

const changing = /^(Date|Request-Id): .*$/gm;

/** An answer to the byte, with only the values blanked that differ from request to request. */
export function golden({head, body}: WireAnswer): string {
	return `${head.replaceAll('\r\n', '\n').replace(changing, '$1: *')}\n\n${body}`;
}

/** An open connection that collects what comes. */
export type Line = {
	socket: Socket;
	received: () => string;
	/** Resolves when the server has nothing more to say. */
	ended: Promise<void>;
	/** Resolves when the connection is closed, by whomever and however. */
	closed: Promise<void>;
};

/** @param options.stubborn never closes its own side, as an attacker would */
export async function openLine(server: Server, options: {stubborn?: true} = {}): Promise<Line> {
	const allowHalfOpen = options.stubborn ?? false;
	const socket = connect({port: server.port, host: '127.0.0.1', allowHalfOpen});
	const chunks: Buffer[] = [];
	socket.on('data', (chunk: Buffer) => chunks.push(chunk));
	const ended = new Promise<void>((resolve) => socket.once('end', resolve));
	const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
	await new Promise<void>((resolve, reject) => {
		socket.once('connect', resolve);
		socket.once('error', reject);
	});
	// From here on a reset is one way of being closed.
	socket.removeAllListeners('error');
	socket.on('error', () => {});
	return {socket, received: () => Buffer.concat(chunks).toString('latin1'), ended, closed};
}
