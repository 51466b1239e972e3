/* What the server answered, by the schema of its route; a refusal becomes a failure. */
import type http from 'node:http';
import type * as z from 'zod';
import {headers} from '../../contract/errors.ts';
import type {Route} from '../../contract/route.ts';
import type {RouteName, routes} from '../../contract/routes.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import type {Reply} from './exchange.ts';
import {howToRead, loose} from './loose.ts';

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
export type Known = {tag: string; body: unknown};

/** A list as it was last read, and its pages by their cursors. */
export type LastRead = {of: string; items: readonly unknown[]; pages: ReadonlyMap<string, Known>};

/**
 * The answer of a route, read leniently; `/readyz` also answers 503 with its usual body.
 *
 * @throws {Failure} refused, when the server says no; unexpected, when it is not this API.
 */
export function parseAnswer<Name extends RouteName>(
	name: Name,
	route: Route,
	reply: Reply,
	known?: Known,
): Answer<Name> {
	const facts = factsOf(reply);
	if (reply.status === 304 && known !== undefined) {
		return {...facts, body: known.body as Answer<Name>['body']};
	}
	const json = parseJson(reply.text);
	const expected = reply.status === route.status || (name === 'ready' && reply.status === 503);
	if (!expected) throw refusal(reply, json);
	const parsed = loose(route.response).safeParse(json, howToRead(json));
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

export function refusal(reply: Reply, json: unknown): Failure {
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
		sessionEnd: header(headers.sessionEnd),
		field: text(body['field']),
		requestId: header(headers.requestId) ?? text(body['request_id']),
		retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined,
	});
}

function text(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

export function parseJson(source: string): unknown {
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
