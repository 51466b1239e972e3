import type {IncomingMessage} from 'node:http';
import type {ClientForm} from '../../contract/oauth.ts';
import {Problem} from './problem.ts';

export type ClientCredentials = {clientId: string; secret: string};

/**
 * How an OAuth client says who it is (RFC 6749, 2.3.1): `client_secret_basic`, or
 * `client_secret_post`, never both.
 */
export function clientCredentials(
	request: IncomingMessage,
	form: ClientForm,
): ClientCredentials | Problem {
	const {client_id: clientId, client_secret: secret} = form;
	const authorizations = request.headersDistinct['authorization'] ?? [];
	const [authorization] = authorizations;
	if (authorization === undefined) {
		return clientId === undefined || secret === undefined ? invalidClient() : {clientId, secret};
	}
	if (authorizations.length > 1) return invalidRequest('Authorization comes twice');
	if (secret !== undefined) {
		return invalidRequest('The client authenticates both in Authorization and in the body');
	}
	const basic = basicCredentials(authorization);
	if (basic === undefined) return invalidClient();
	if (clientId !== undefined && clientId !== basic.clientId) {
		return invalidRequest('client_id is another one than in Authorization');
	}
	return basic;
}

/** Whatever is wrong with a client: the same answer, which says how to come back (RFC 6749, 5.2). */
export function invalidClient(): Problem {
	return new Problem('invalid_client', {headers: {'WWW-Authenticate': 'Basic realm="latchkey"'}});
}

function invalidRequest(message: string): Problem {
	return new Problem('invalid_request', {message});
}

/** Id and secret are form-urlencoded before they are put together (RFC 6749, 2.3.1 and appendix B). */
function basicCredentials(authorization: string): ClientCredentials | undefined {
	const [, encoded = ''] = /^basic +([\w+/]+={0,2}) *$/i.exec(authorization) ?? [];
	const [, id = '', secret = ''] =
		/^([^:]*):([^]*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
	const clientId = formDecode(id);
	const decoded = formDecode(secret);
	return clientId && decoded ? {clientId, secret: decoded} : undefined;
}

function formDecode(text: string): string | undefined {
	try {
		return decodeURIComponent(text.replaceAll('+', ' '));
	} catch {
		return undefined;
	}
}
