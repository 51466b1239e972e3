import {connect, type Socket} from 'node:net';
import {readResponse} from './response.ts';

const answerTimeoutMs = 10_000;
const mostAnswerBytes = 64 * 1024;
const bodyShown = 200;

export type ClientOptions = {
	port: number;
	/** The bytes of the next request, as Latin-1; undefined: there is none, the client ends. */
	nextRequest: () => string | undefined;
	/** Time between two requests of this client; absent: the next one follows the answer. */
	intervalMs?: number;
	status: number;
	/** The wanted status came back after `ms`. */
	onAnswer: (ms: number) => void;
	/** Something else happened. After another status it goes on; otherwise this client has ended. */
	onFailure: (reason: string) => void;
};

export type Client = {
	/** No new request after the one in hand. */
	stop: () => void;
	ended: Promise<void>;
};

/**
 * One client that keeps a connection alive and sends the next request when the answer to the last
 * one is there. A connection that the server closes in good order is opened again.
 */
export function startClient(options: ClientOptions): Client {
	const ended = Promise.withResolvers<void>();
	let isStopping = false;
	let lastDue = performance.now();

	const open = () => {
		let sentAt = 0;
		let isDone = false;
		let held: Buffer | undefined;

		const leave = () => {
			isDone = true;
			socket.destroy();
		};
		const fail = (reason: string) => {
			if (isDone) return;
			leave();
			options.onFailure(reason);
			ended.resolve();
		};
		const end = () => {
			leave();
			ended.resolve();
		};
		const send = () => {
			const request = isStopping ? undefined : options.nextRequest();
			if (request === undefined) return end();
			sentAt = performance.now();
			socket.write(request, 'latin1');
		};
		/** At its time, give or take half an interval: clients in step would be bursts. */
		const sendWhenDue = () => {
			const {intervalMs} = options;
			if (intervalMs === undefined) return send();
			const now = performance.now();
			lastDue = Math.max(lastDue + intervalMs, now - intervalMs);
			setTimeout(send, Math.max(0, lastDue - now + (Math.random() - 0.5) * intervalMs));
		};
		const read = (chunk: Buffer) => {
			const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
			const response = readResponse(bytes);
			if (response === undefined) {
				// A copy: the buffer is the next chunk's, too.
				held = Buffer.from(bytes);
				return;
			}
			held = undefined;
			if (response.status === options.status) {
				options.onAnswer(performance.now() - sentAt);
			} else {
				const start = response.bodyStart;
				const body = bytes.subarray(start, start + bodyShown).toString();
				options.onFailure(`answered ${response.status} instead of ${options.status}: ${body}`);
			}
			if (isStopping) {
				end();
			} else if (response.closes) {
				leave();
				open();
			} else {
				sendWhenDue();
			}
		};

		const socket: Socket = connect({
			port: options.port,
			host: '127.0.0.1',
			noDelay: true,
			onread: {
				buffer: Buffer.allocUnsafe(mostAnswerBytes),
				callback(size, buffer) {
					if (isDone) return false;
					try {
						read(Buffer.from(buffer.buffer, buffer.byteOffset, size));
					} catch (error) {
						fail(error instanceof Error ? error.message : String(error));
					}
					return true;
				},
			},
		});
		socket.setTimeout(answerTimeoutMs, () => fail('no answer in time'));
		socket.once('connect', sendWhenDue);
		socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
		socket.once('end', () => fail('closed without an answer'));
		socket.once('close', () => fail('closed without an answer'));
	};

	open();
	return {
		stop() {
			isStopping = true;
		},
		ended: ended.promise,
	};
}
