import {request as requestHttp} from 'node:http';
import type {Socket} from 'node:net';
import {codeOf, OutboundFault} from './fault.ts';

/** The operator's way out (RFC 9110, 9.3.6). */
export type Proxy = {
	host: string;
	port: number;
	isTls: boolean;
	/** The value of `Proxy-Authorization`, a secret. */
	authorization: string | undefined;
};

/**
 * Has a proxy connect to somebody: the connection to it is one to them, from then on.
 *
 * @param authority `name:port`, or `[address]:port` of IPv6
 * @returns a connection that has carried nothing yet
 * @throws {OutboundFault} `refused` where the proxy does not do it, `timeout`
 */
export function openTunnel(
	socket: Socket,
	{authorization}: Proxy,
	authority: string,
	signal: AbortSignal,
): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const request = requestHttp({
			createConnection: () => socket,
			method: 'CONNECT',
			path: authority,
			headers: {
				Host: authority,
				...(authorization === undefined ? {} : {'Proxy-Authorization': authorization}),
			},
			signal,
		});
		request.once('connect', ({statusCode = 0}, tunnel) => {
			if (statusCode >= 200 && statusCode < 300) return resolve(tunnel as Socket);
			reject(new OutboundFault('refused', `the proxy answered with status ${statusCode}`));
		});
		request.on('error', (error) => {
			reject(
				signal.aborted
					? new OutboundFault('timeout', 'the proxy did not answer in time')
					: new OutboundFault('refused', `the connection to the proxy broke (${codeOf(error)})`),
			);
		});
		request.once('close', () =>
			reject(new OutboundFault('refused', 'the proxy ended the connection')),
		);
		request.end();
	});
}
