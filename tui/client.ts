/*
 * The only network code of the console. node:http rather than fetch: the latter costs 90 ms of
 * CPU before the first paint, and one keep-alive connection is all a console needs.
 */
import {readFileSync} from 'node:fs';
import type http from 'node:http';
import type * as z from 'zod';
import {headers} from '../contract/errors.ts';
import type {Route} from '../contract/route.ts';
import {type RouteName, routes} from '../contract/routes.ts';
import {Failure} from './failure.ts';
import {loose} from './loose.ts';
import type {Machine, Session} from './session/session.ts';
import {clean} from './text/clean.ts';
import {version} from './version.ts';

/*
 * Not imported: an import reads each export of the module, and one of node:http's is the whole of
 * undici. node:https only where it is spoken.
 */
const nodeHttp = process.getBuiltinModule('node:http');
const nodeHttps = () => process.getBuiltinModule('node:https');

/** What the list of sessions calls a log-in from here. */
const userAgent = `latchkey/${version()}`;

const requestTimeout = 10_000;
/** Calls that wait for somebody else first: a receiver may take ten seconds. */
const slow: Partial<Record<RouteName, number>> = {testWebhook: 20_000};
const largestAnswer = 256 * 1024 * 1024;

type Parameters<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
	? Record<Name, string> & Parameters<`/${Rest}`>
	: Path extends `${string}:${infer Name}`
		? Record<Name, string>
		: unknown;

type Body<R> = R extends {body: infer Schema extends z.ZodType} ? {body: z.input<Schema>} : unknown;
type Query<R> = R extends {query: infer Schema extends z.ZodType}
	? {query?: z.input<Schema>}
	: unknown;

/** What a call takes besides its route, by the route's own schemas. */
export type Input<Name extends RouteName> = Parameters<(typeof routes)[Name]['path']> &
	Body<(typeof routes)[Name]> &
	Query<(typeof routes)[Name]> & {
		/** Act in this organisation for this one request. */
		organisation?: string | undefined;
		setupToken?: string;
	};

export type Answer<Name extends RouteName> = {
	status: number;
	body: z.output<(typeof routes)[Name]['response']>;
	headers: http.IncomingHttpHeaders;
	/** Cursor of the next page of a list, when there is one. */
	next?: string;
	/** By which the server tells whether the body is still the same. */
	tag?: string;
};

/** A body as it was last read. */
type Known = {tag: string; body: unknown};

/** A list as it was last read, and its pages by their cursors. */
type LastRead = {of: string; items: readonly unknown[]; pages: ReadonlyMap<string, Known>};

export type Client = {
	url: URL;
	/** What is `known` and has not changed is not sent again: it is the body of the answer. */
	call: <Name extends RouteName>(
		name: Name,
		input: Input<Name>,
		known?: Known,
	) => Promise<Answer<Name>>;
	/** An answer that is no JSON document, of any length, as it arrives. */
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

type Request = {
	method: string;
	path: string;
	headers: Record<string, string>;
	body?: string | undefined;
};

type Reply = {status: number; headers: http.IncomingHttpHeaders; text: string};

/**
 * A client of one server. Access tokens are renewed shortly before they end, and once more when
 * the server refuses one all the same.
 *
 * @throws {Failure} from `call`: refused, signed_out, unreachable or unexpected.
 */
export function createClient(options: ClientOptions): Client {
	const {url, session} = options;
	const secure = url.protocol === 'https:';
	const agentOptions = {keepAlive: true, maxSockets: 4};
	const agent = secure
		? new (nodeHttps().Agent)({
				...agentOptions,
				...(options.caFile === undefined ? {} : {ca: readCertificate(options.caFile)}),
			})
		: new nodeHttp.Agent(agentOptions);

	const {timeout = requestTimeout} = options;
	const send = (request: Request, patience = timeout): Promise<Reply> =>
		exchange({...request, url, agent, secure, timeout: patience}, whole);

	const renew = {
		async refresh(refreshToken: string) {
			const reply = await send(requestOf(routes.refresh, {body: {refresh_token: refreshToken}}));
			return parseAnswer('refresh', reply).body;
		},
		async grant({clientId, secret}: Machine) {
			const body = {
				grant_type: 'client_credentials',
				client_id: clientId,
				client_secret: secret,
			};
			return parseAnswer('token', await send(requestOf(routes.token, {body}))).body;
		},
	};

	async function call<Name extends RouteName>(
		name: Name,
		input: Input<Name>,
		known?: Known,
	): Promise<Answer<Name>> {
		const route: Route = routes[name];
		const request = requestOf(route, input, known);
		if (route.credentials === 'none') return parseAnswer(name, await send(request));
		const patience = options.timeout ?? slow[name];
		return parseAnswer(name, await authorised(request, (one) => send(one, patience)), known);
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
		const route: Route = routes[name];
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
			exchange({...request, url, agent, secure, timeout}, receive),
		);
		if (stream === undefined) throw refusal(reply, parseJson(reply.text));
		return stream;
	}

	return {url, call, download, lastRead: new Map(), close: () => agent.destroy()};
}

/** Lists that come in pages. */
export type ListName = {
	[Name in RouteName]: (typeof routes)[Name] extends {query: z.ZodType}
		? Answer<Name>['body'] extends readonly unknown[]
			? Name
			: never
		: never;
}[RouteName];

export type Item<Name extends ListName> = Answer<Name>['body'][number];

/** A list page after page, `most` items of it at most; pages that are `known` are not sent again. */
export async function* pages<Name extends ListName>(
	client: Client,
	name: Name,
	input: Input<Name>,
	most = Number.POSITIVE_INFINITY,
	known?: (cursor: string | undefined) => Known | undefined,
): AsyncGenerator<Answer<Name>, void, void> {
	let left = most;
	let cursor: string | undefined;
	// A short first page is on the screen sooner; the rest comes in few requests.
	let size = 200;
	do {
		const query = {...(input as LooseInput).query, limit: String(Math.min(size, left)), cursor};
		const page = {...input, query} as unknown as Input<Name>;
		const answer = await client.call(name, page, known?.(cursor));
		cursor = answer.next;
		left -= answer.body.length;
		size = 1000;
		yield answer;
	} while (cursor !== undefined && left > 0);
}

/** How often what has arrived so far is shown, ms. */
const showEvery = 250;

/**
 * Every item of a list; `onPage` sees now and then what has arrived so far. Pages that have not
 * changed since they were last read are not sent again, and where none has, the answer is the very
 * array of then.
 */
export async function all<Name extends ListName>(
	client: Client,
	name: Name,
	input: Input<Name>,
	onPage?: (items: readonly Item<Name>[]) => void,
): Promise<readonly Item<Name>[]> {
	const of = JSON.stringify(input);
	const last = client.lastRead.get(name);
	const before = last?.of === of ? last : undefined;
	const read = new Map<string, Known>();
	const items: Item<Name>[] = [];
	let isSame = true;
	let shownAt = -Infinity;
	let cursor = '';
	const known = (at: string | undefined) => before?.pages.get(at ?? '');
	for await (const {body, tag, next} of pages(client, name, input, undefined, known)) {
		if (tag !== undefined) read.set(cursor, {tag, body});
		isSame &&= body === before?.pages.get(cursor)?.body;
		for (const item of body) items.push(item);
		if (next === undefined) break;
		cursor = next;
		if (onPage !== undefined && performance.now() - shownAt > showEvery) {
			shownAt = performance.now();
			onPage(items.slice());
		}
	}
	const isUnchanged = isSame && before?.items.length === items.length;
	const result = isUnchanged ? (before.items as readonly Item<Name>[]) : items;
	client.lastRead.set(name, {of, items: result, pages: read});
	return result;
}

type LooseInput = {
	body?: unknown;
	query?: Record<string, string | undefined>;
	organisation?: string | undefined;
	setupToken?: string;
};

/** Path, headers and body of a call, from the route's own description. */
export function requestOf(route: Route, input: object, known?: Known): Request {
	const given = input as LooseInput & Record<string, unknown>;
	let path = route.path.replaceAll(/:([a-z_]+)/g, (_, name: string) =>
		encodeURIComponent(String(given[name])),
	);
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(given.query ?? {})) {
		if (value !== undefined) query.set(name, value);
	}
	if (query.size > 0) path += `?${query.toString()}`;
	const body = given.body === undefined ? undefined : written(given.body, route);
	return {
		method: route.method,
		path,
		body,
		headers: {
			// Problem details carry the field and the request id besides the published sentence.
			Accept: 'application/json, application/problem+json',
			...(body === undefined ? {} : {'Content-Type': route.form ? formType : 'application/json'}),
			...(given.organisation === undefined ? {} : {[headers.organization]: given.organisation}),
			...(known === undefined ? {} : {'If-None-Match': known.tag}),
			...(given.setupToken === undefined ? {} : {[headers.setupToken]: given.setupToken}),
		},
	};
}

const formType = 'application/x-www-form-urlencoded';

function written(body: unknown, {form}: Route): string {
	return form
		? new URLSearchParams(body as Record<string, string>).toString()
		: JSON.stringify(body);
}

function withToken(request: Request, token: string): Request {
	return {...request, headers: {...request.headers, Authorization: `Bearer ${token}`}};
}

/**
 * The answer of a route, read leniently; `/readyz` also answers 503 with its usual body.
 *
 * @throws {Failure} refused, when the server says no; unexpected, when it is not this API.
 */
export function parseAnswer<Name extends RouteName>(
	name: Name,
	reply: Reply,
	known?: Known,
): Answer<Name> {
	const route: Route = routes[name];
	const facts = factsOf(reply);
	if (reply.status === 304 && known !== undefined) {
		return {...facts, body: known.body as Answer<Name>['body']};
	}
	const json = parseJson(reply.text);
	const expected = reply.status === route.status || (name === 'ready' && reply.status === 503);
	if (!expected) throw refusal(reply, json);
	const parsed = loose(route.response).safeParse(json);
	if (!parsed.success) {
		if (reply.status >= 400) throw refusal(reply, json);
		throw new Failure(
			'unexpected',
			'The server gave an answer that this console does not understand',
			{
				status: reply.status,
				requestId: text(reply.headers[headers.requestId.toLowerCase()]),
				hint: `Is ${name} of this version? Compare \`latchkey --version\` with the server.`,
			},
		);
	}
	return {...facts, body: parsed.data as Answer<Name>['body']};
}

function factsOf({status, headers: received}: Reply) {
	const next = nextCursor(text(received.link));
	const tag = text(received.etag);
	return {
		status,
		headers: received,
		...(next === undefined ? {} : {next}),
		...(tag === undefined ? {} : {tag}),
	};
}

function refusal(reply: Reply, json: unknown): Failure {
	const body = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
	const header = (name: string) => text(reply.headers[name.toLowerCase()]);
	const code = header(headers.errorCode) ?? text(body['code']);
	// OAuth (RFC 6749, 5.2) has the code where the sentence is elsewhere.
	const message =
		text(body['error_description']) ??
		text(body['error']) ??
		text(body['detail']) ??
		text(body['title']);
	if (message === undefined) {
		return new Failure('unexpected', `The server answered ${reply.status} without a reason`, {
			status: reply.status,
			requestId: header(headers.requestId),
			hint: 'Is this the address of a Latchkey server?',
		});
	}
	const seconds = Number(header('retry-after'));
	return new Failure('refused', clean(message), {
		status: reply.status,
		code,
		field: text(body['field']),
		requestId: header(headers.requestId) ?? text(body['request_id']),
		retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
	});
}

function text(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

function parseJson(source: string): unknown {
	try {
		return JSON.parse(source);
	} catch {
		return undefined;
	}
}

/** The `cursor` of the `rel="next"` target of a Link header (RFC 8288). */
export function nextCursor(link: string | undefined): string | undefined {
	const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(link ?? '') ?? [];
	if (target === undefined || !URL.canParse(target, 'http://server')) return undefined;
	return new URL(target, 'http://server').searchParams.get('cursor') ?? undefined;
}

type Exchange = Request & {url: URL; agent: http.Agent; secure: boolean; timeout: number};

/** What is done with an answer whose headers are there; the time of a request ends with it. */
type Receive<R> = (response: http.IncomingMessage) => Promise<R>;

async function exchange<R>(options: Exchange, receive: Receive<R>): Promise<R> {
	try {
		return await exchangeOnce(options, receive);
	} catch (error) {
		// The server closed an idle connection just as it was used again: nothing was processed.
		const stale = error instanceof StaleSocketError && options.method === 'GET';
		if (!stale) throw lost(error);
		return exchangeOnce(options, receive).catch((again: unknown) => Promise.reject(lost(again)));
	}
}

class StaleSocketError extends Error {}

function exchangeOnce<R>(options: Exchange, receive: Receive<R>): Promise<R> {
	const {url, agent, secure} = options;
	const base = url.pathname.replace(/\/$/, '');
	return new Promise((resolve, reject) => {
		const request = (secure ? nodeHttps() : nodeHttp).request({
			agent,
			protocol: url.protocol,
			hostname: url.hostname.replace(/^\[|\]$/g, ''),
			port: url.port,
			method: options.method,
			path: base + options.path,
			headers: {
				'User-Agent': userAgent,
				...options.headers,
				...(options.body === undefined ? {} : {'Content-Length': Buffer.byteLength(options.body)}),
			},
		});
		const patience = setTimeout(() => {
			request.destroy(new Error(`no answer within ${options.timeout / 1000} seconds`));
		}, options.timeout);
		request.on('error', (error: NodeJS.ErrnoException) => {
			clearTimeout(patience);
			const stale = request.reusedSocket && error.code === 'ECONNRESET';
			reject(stale ? new StaleSocketError(error.message) : error);
		});
		request.on('response', (response) => {
			receive(response)
				.finally(() => clearTimeout(patience))
				.then(resolve, reject);
		});
		request.end(options.body);
	});
}

async function whole(response: http.IncomingMessage): Promise<Reply> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > largestAnswer) throw new Error('the answer is too large');
		chunks.push(chunk);
	}
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		text: Buffer.concat(chunks).toString('utf8'),
	};
}

/** What arrives, as long as it does: it may take as long as it is, but not stand still. */
async function* arriving(
	response: http.IncomingMessage,
	timeout: number,
): AsyncGenerator<Buffer, void, void> {
	response.setTimeout(timeout, () => {
		response.destroy(new Error(`nothing came for ${timeout / 1000} seconds`));
	});
	try {
		for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
	} catch (error) {
		throw lost(error);
	}
}

const reasons: Record<string, string> = {
	ECONNREFUSED: 'nothing listens there',
	ECONNRESET: 'the connection was cut',
	ENOTFOUND: 'the name is not known',
	EAI_AGAIN: 'the name cannot be looked up now',
	EHOSTUNREACH: 'the host cannot be reached',
	ENETUNREACH: 'the network cannot be reached',
	ETIMEDOUT: 'the connection timed out',
	EPROTO: 'it does not speak TLS',
	ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
	CERT_HAS_EXPIRED: 'its certificate has expired',
	DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted (set LATCHKEY_CA_FILE)',
	SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted (set LATCHKEY_CA_FILE)',
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted (set LATCHKEY_CA_FILE)',
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted (set LATCHKEY_CA_FILE)',
	ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

function lost(error: unknown): Failure {
	if (error instanceof Failure) return error;
	const {code, message} = error as NodeJS.ErrnoException;
	const reason = reasons[code ?? ''] ?? (message === '' ? (code ?? 'no reason given') : message);
	return new Failure('unreachable', `Cannot reach the server: ${clean(reason)}`, {
		reason: clean(reason),
	});
}

function readCertificate(file: string): Buffer {
	try {
		return readFileSync(file);
	} catch {
		throw new Failure('usage', `LATCHKEY_CA_FILE: cannot read ${file}`);
	}
}
