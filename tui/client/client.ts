/* Calls of the API by the names of its routes, with a session that is kept alive. */
import type {RouteName} from '../../contract/routes.ts';
import {Failure} from '../failure.ts';
import type {Machine, Session} from '../session/session.ts';
import {type Answer, type Known, type LastRead, parseAnswer, parseJson, refusal} from './answer.ts';
import {
	arriving,
	exchange,
	type Receive,
	type Reply,
	type Request,
	serverAt,
	whole,
} from './exchange.ts';
import {insist} from './insist.ts';
import {type Input, requestOf, withToken} from './request.ts';
import {routeOf} from './route-of.ts';

const requestTimeout = 10_000;
/** Calls that wait for somebody else first: a receiver may take ten seconds. */
const slow: Partial<Record<RouteName, number>> = {testWebhook: 20_000};

export type Client = {
	url: URL;
	/** What is `known` and has not changed is not sent again: it is the response body. */
	call: <Name extends RouteName>(
		name: Name,
		input: Input<Name>,
		known?: Known,
	) => Promise<Answer<Name>>;
	/** An answer that is not JSON, of any length, as it arrives. */
	download: <Name extends RouteName>(
		name: Name,
		input: Input<Name>,
	) => Promise<AsyncIterable<Buffer>>;
	/** One list of a kind: that of another organisation takes its place. */
	lastRead: Map<RouteName, LastRead>;
	close: () => void;
};

export type ClientOptions = {
	url: URL;
	session: Session;
	/** PEM file of a private certificate authority. */
	caFile?: string | undefined;
	/** Milliseconds one request may take. */
	timeout?: number;
};

/**
 * A client of one server. Access tokens are renewed shortly before they end, and once more when
 * the server refuses one all the same.
 *
 * @throws {Failure} from `call`: refused, signed_out, unreachable or unexpected.
 */
export function createClient(options: ClientOptions): Client {
	const {url, session} = options;
	const server = serverAt(url, options.caFile);
	const {timeout = requestTimeout} = options;
	const send = (request: Request, patience = timeout): Promise<Reply> =>
		exchange({...request, server, timeout: patience}, whole);

	const renew = {
		async refresh(refreshToken: string) {
			const route = await routeOf('refresh');
			const reply = await send(requestOf(route, {body: {refresh_token: refreshToken}}));
			return parseAnswer('refresh', route, reply).body;
		},
		async grant({clientId, secret}: Machine) {
			const body = {
				grant_type: 'client_credentials',
				client_id: clientId,
				client_secret: secret,
			};
			const route = await routeOf('token');
			return parseAnswer('token', route, await send(requestOf(route, {body}))).body;
		},
	};

	async function call<Name extends RouteName>(
		name: Name,
		input: Input<Name>,
		known?: Known,
	): Promise<Answer<Name>> {
		const route = await routeOf(name);
		const request = requestOf(route, input, known);
		if (route.credentials === 'none') return parseAnswer(name, route, await send(request));
		const patience = options.timeout ?? slow[name];
		const once = (one: Request) => send(one, patience);
		const ask = route.idempotent ? (one: Request) => insist(() => once(one)) : once;
		return parseAnswer(name, route, await authorised(request, ask), known);
	}

	/** Sends with a token, and once more with a new one where that is refused. */
	async function authorised<R extends {status: number}>(
		request: Request,
		sending: (request: Request) => Promise<R>,
	): Promise<R> {
		const token = await session.accessToken(renew);
		const reply = await sending(withToken(request, token));
		if (reply.status !== 401) return reply;
		const renewed = await session.renewed(token, renew);
		const second = await sending(withToken(request, renewed));
		if (second.status !== 401) return second;
		throw new Failure('signed_out', 'The session has ended', {status: 401});
	}

	async function download<Name extends RouteName>(
		name: Name,
		input: Input<Name>,
	): Promise<AsyncIterable<Buffer>> {
		const route = await routeOf(name);
		const receive: Receive<Reply & {stream?: AsyncIterable<Buffer>}> = async (response) =>
			response.statusCode === route.status
				? {
						status: route.status,
						headers: response.headers,
						text: '',
						stream: arriving(response, timeout),
					}
				: whole(response);
		const {stream, ...reply} = await authorised(requestOf(route, input), (request) =>
			exchange({...request, server, timeout}, receive),
		);
		if (stream === undefined) throw refusal(reply, parseJson(reply.text));
		return stream;
	}

	return {url, call, download, lastRead: new Map(), close: () => server.agent.destroy()};
}
