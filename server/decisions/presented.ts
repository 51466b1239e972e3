import type {IncomingMessage} from 'node:http';
import type {Socket} from 'node:net';
import type {Route} from '../../contract/route.ts';
import type {KeyFormat} from '../../core/keys/token.ts';
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
