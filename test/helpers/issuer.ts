import {generateKeyPairSync, sign, type KeyObject} from 'node:crypto';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

export type Json = Record<string, unknown>;

/** A key of an issuer: signs, and says how it is published. */
export type IssuerKey = {
	kid: string;
	alg: string;
	privateKey: KeyObject;
	jwk: Json;
};

export function rsaKey(kid: string, options: {bits?: number; exponent?: number} = {}): IssuerKey {
	const {bits: modulusLength = 2048, exponent: publicExponent = 65_537} = options;
	const {privateKey, publicKey} = generateKeyPairSync('rsa', {modulusLength, publicExponent});
	return {kid, alg: 'RS256', privateKey, jwk: {...publicKey.export({format: 'jwk'}), kid}};
}

export function edKey(kid: string): IssuerKey {
	const {privateKey, publicKey} = generateKeyPairSync('ed25519');
	return {kid, alg: 'EdDSA', privateKey, jwk: {...publicKey.export({format: 'jwk'}), kid}};
}

const encode = (value: unknown) =>
	Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token as an issuer would sign it; header and payload may be JSON texts. */
export function mint(
	header: Json | string,
	payload: Json | string,
	{privateKey}: {privateKey: KeyObject},
): string {
	const text = `${encode(header)}.${encode(payload)}`;
	const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
	const key = {key: privateKey, dsaEncoding: 'ieee-p1363'} as const;
	return `${text}.${sign(digest, Buffer.from(text), key).toString('base64url')}`;
}

export const seconds = () => Math.floor(Date.now() / 1000);

export type StubIssuer = {
	url: string;
	/** What is answered to a request for the keys; by default those of `keys`. */
	answer: (handle: (request: IncomingMessage, response: ServerResponse) => void) => void;
	/** Publishes these keys, in the usual way. */
	publish: (...keys: readonly Json[]) => void;
	/** Requests for keys so far. */
	asked: () => number;
	/** No answers, and none of its connections goes on. */
	close: () => Promise<void>;
};

/** A server that publishes keys at /jwks, or whatever a test has it send instead. */
export async function startStubIssuer(...keys: readonly Json[]): Promise<StubIssuer> {
	let asked = 0;
	const publishing =
		(published: readonly Json[]) => (_request: IncomingMessage, response: ServerResponse) => {
			response.setHeader('Content-Type', 'application/json');
			response.end(JSON.stringify({keys: published}));
		};
	let handle = publishing(keys);
	const server = createServer((request, response) => {
		if (request.url !== '/jwks') {
			response.statusCode = 404;
			response.end();
			return;
		}
		asked++;
		handle(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const {port} = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		answer(next) {
			handle = next;
		},
		publish(...published) {
			handle = publishing(published);
		},
		asked: () => asked,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
