/* What a call takes, and the request that it becomes, both by the route of the contract. */
import type * as z from 'zod';
import {headers} from '../../contract/errors.ts';
import type {PathParameters, Route} from '../../contract/route.ts';
import type {RouteName, routes} from '../../contract/routes.ts';
import type {Known} from './answer.ts';
import type {Request} from './exchange.ts';

const {randomUUID} = process.getBuiltinModule('node:crypto');

type Body<R> = R extends {body: infer Schema extends z.ZodType} ? {body: z.input<Schema>} : unknown;
type Query<R> = R extends {query: infer Schema extends z.ZodType}
	? {query?: z.input<Schema>}
	: unknown;

/** What a call takes besides its route, by the route's own schemas. */
export type Input<Name extends RouteName> = PathParameters<(typeof routes)[Name]['path']> &
	Body<(typeof routes)[Name]> &
	Query<(typeof routes)[Name]> & {
		/** Act in this organisation for this one request. */
		organisation?: string | undefined;
		setupToken?: string;
		/** Of what is made once, however often it is asked for; one of its own, unless it is asked for again. */
		idempotencyKey?: string;
		/** Change only what has this tag still. */
		ifMatch?: string;
	};

export type LooseInput = {
	body?: unknown;
	query?: Record<string, string | undefined>;
	organisation?: string | undefined;
	setupToken?: string;
	idempotencyKey?: string;
	ifMatch?: string;
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
			...(route.idempotent ? {[headers.idempotencyKey]: given.idempotencyKey ?? randomUUID()} : {}),
			...(given.ifMatch === undefined ? {} : {'If-Match': given.ifMatch}),
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

export function withToken(request: Request, token: string): Request {
	return {...request, headers: {...request.headers, Authorization: `Bearer ${token}`}};
}
