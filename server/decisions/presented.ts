import type {IncomingMessage} from 'node:http';
import type {Socket} from 'node:net';
import type {Route} from '../../contract/route.ts';
import type {Deps} from '../../core/deps.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {KeyFormat} from '../../core/keys/token.ts';
import {clientAddress, originOf} from '../http/client-address.ts';
import {chooseCredential} from '../http/credentials.ts';
import {plainLines} from './header-lines.ts';

/** A key, and the program that it is presented by. */
export type Presented = {key: string; userAgent: string | undefined};

/** What a request presents; undefined where the application must look. */
export type KeyReader = (
	request: IncomingMessage,
	route: Route,
	hasBody: boolean,
) => Presented | undefined;

export function createKeyReader(
	{prefix}: Pick<KeyFormat, 'prefix'>,
	isForeign: (socket: Socket, host: string) => boolean,
): KeyReader {
	return (request, route, hasBody) => {
		const lines = plainLines(request.rawHeaders, hasBody);
		if (lines === undefined || request.httpVersion !== '1.1') return undefined;
		// A proxy asks by the name that it was itself asked by.
		if (!route.subject && isForeign(request.socket, lines.host[0] ?? '')) return undefined;
		const credential = chooseCredential(lines, prefix);
		if (credential.kind !== 'api_key') return undefined;
		return {key: credential.value, userAgent: lines['user-agent'][0]};
	};
}

/** What a request asks of the key that it is made with, beside who makes it and from where. */
type Use = Pick<Asked, 'via' | 'method' | 'scopes' | 'limits'>;

export type UseReader = (request: IncomingMessage, presented: Presented, use: Use) => Asked;

export function createUseReader({
	trustedProxies,
}: Pick<Deps['config'], 'trustedProxies'>): UseReader {
	return (request, {userAgent}, {via, method, scopes, limits}) => {
		const ip = clientAddress(request, trustedProxies);
		const origin = originOf(request, trustedProxies, ip);
		return {ip, origin, userAgent, via, method, scopes, limits};
	};
}
