import net from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import {StartRefused} from './errors.ts';

/** Where this machine reaches an API that listens on `host` (which may mean every address). */
export function apiUrl(host: string, port: number): string {
	const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
	return `http://${net.isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}`;
}

/** @throws {StartRefused} when the server could not listen there. */
export async function requireFreePort(host: string, port: number): Promise<void> {
	const server = net.createServer();
	const {promise, resolve, reject} = Promise.withResolvers<void>();
	server.once('listening', resolve);
	server.once('error', reject);
	server.listen({host, port, exclusive: true});
	try {
		await promise;
	} catch (error) {
		throw new StartRefused(cannotListen(host, port, (error as NodeJS.ErrnoException).code));
	} finally {
		server.close();
	}
}

function cannotListen(host: string, port: number, code = 'unknown') {
	const reasons: Record<string, string> = {
		EADDRINUSE: `Port ${port} on ${host} is in use by another program. Stop that one, or choose another port: LATCHKEY_PORT=${port === 8080 ? 8081 : 8080} npm start`,
		EACCES: `Port ${port} is reserved for root. Choose one above 1023: LATCHKEY_PORT=8080 npm start`,
		EADDRNOTAVAIL: `${host} is not an address of this machine. Set LATCHKEY_LISTEN_HOST to one that is, or unset it for 127.0.0.1.`,
	};
	return reasons[code] ?? `The server cannot listen on ${host} port ${port} (${code}).`;
}

/** Waits until the server says it is ready; `say` hears what it waits for, now and then. */
export async function becomesReady(
	url: string,
	say: (text: string) => void,
	signal: AbortSignal,
): Promise<void> {
	const begun = performance.now();
	let sayAt = 15_000;
	for (;;) {
		const answer = await ask(`${url}/readyz`, signal);
		signal.throwIfAborted();
		if (answer.status === 200) return;
		if (performance.now() - begun > sayAt) {
			sayAt += 30_000;
			say(`not ready yet: ${answer.text}`);
		}
		await delay(60, undefined, {signal});
	}
}

/** Whether the first administrator is still to be made; undefined when the server does not say. */
export async function setupRequired(
	url: string,
	signal: AbortSignal,
): Promise<boolean | undefined> {
	const {status, text} = await ask(`${url}/api/v1/setup`, signal);
	if (status !== 200) return undefined;
	const body: unknown = JSON.parse(text);
	return typeof body === 'object' && body !== null && 'required' in body
		? body.required === true
		: undefined;
}

async function ask(url: string, signal: AbortSignal): Promise<{status: number; text: string}> {
	try {
		const response = await fetch(url, {
			signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]),
		});
		return {status: response.status, text: (await response.text()).slice(0, 500)};
	} catch (error) {
		const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
		return {status: 0, text: cause instanceof Error ? cause.message : String(cause)};
	}
}
