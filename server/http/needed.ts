import type {IncomingMessage} from 'node:http';
import {parse} from 'node:querystring';
import {allows, type Permission, permissions} from '../../contract/permissions.ts';
import {createRecent} from '../../contract/recent.ts';
import type {Route} from '../../contract/route.ts';
import {allOf, queryFor, type ScopeQuery, unsaid} from '../../contract/scope-query.ts';
import {scopeOf} from '../../contract/scopes.ts';
import {forwardAuthQuery} from '../../contract/verification.ts';
import {plainUse, type LimitsAsked} from '../../core/limits/charges.ts';
import {limitsTaken} from './key-limits.ts';

/* What a request needs of the key it is made with: scopes, where that is restricted to some, and room in its limits. */

/** By the rights that API keys can have. */
const ownScopes: ReadonlyMap<Permission, ScopeQuery> = new Map(
	(Object.keys(permissions) as Permission[])
		.filter((permission) => allows(permission, 'key'))
		.map((permission) => [permission, queryFor(scopeOf(permission))]),
);

/**
 * The scopes of Latchkey's own that a key needs to call a route. What no key may call is refused as
 * ever.
 */
export function scopesToCall({permission, credentials, subject}: Route): ScopeQuery | undefined {
	if (permission === undefined || subject) return undefined;
	return credentials === 'any' || credentials === 'api_key' ? ownScopes.get(permission) : undefined;
}

/** What a query asks for, by what the proxied request does; undefined: nothing. */
type Asked = Record<'read' | 'write', ScopeQuery | undefined> & {
	isByMethod: boolean;
	limits: LimitsAsked;
};

/** Each distinct query string is read once; null: it is refused. */
const askedIn = createRecent(1000, (querystring): Asked | null => {
	const read = forwardAuthQuery.safeParse({...parse(querystring)});
	if (!read.success) return null;
	const {scopes, scopes_read, scopes_write, limit, cost} = read.data;
	const withScopes = (more: ScopeQuery | undefined) =>
		allOf([scopes, more].filter((query) => query !== undefined));
	return {
		read: withScopes(scopes_read),
		write: withScopes(scopes_write),
		isByMethod: scopes_read !== undefined || scopes_write !== undefined,
		limits:
			limit === undefined && cost === undefined
				? plainUse
				: {named: new Map(limit?.map((name) => [name, undefined])), cost},
	};
});

/** What a request needs of its key. */
export type Needed = {scopes: ScopeQuery | undefined; limits: LimitsAsked | undefined};

/**
 * What a proxy asks for in the query of forward-auth.
 *
 * @returns undefined where the query is refused
 */
export function neededByProxy(request: IncomingMessage, querystring: string): Needed | undefined {
	if (querystring === '') return nothing;
	const asked = askedIn(querystring);
	if (asked === null) return undefined;
	const {limits} = asked;
	if (!asked.isByMethod) return {scopes: asked.read, limits};
	const method = proxiedMethod(request);
	if (method === undefined) return {scopes: unsaid, limits};
	return {scopes: reading.has(method) ? asked.read : asked.write, limits};
}

const nothing: Needed = {scopes: undefined, limits: plainUse};
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Undefined where no proxy said it, or where two lines say two things: one may be the client's. */
function proxiedMethod({headersDistinct: lines}: IncomingMessage): string | undefined {
	const said = [...(lines['x-forwarded-method'] ?? []), ...(lines['x-original-method'] ?? [])];
	const [first] = said;
	return first !== '' && said.every((method) => method === first) ? first : undefined;
}

/**
 * @param querystring of the request
 * @returns undefined where it is refused
 */
export function neededFor(
	route: Route,
	request: IncomingMessage,
	querystring: string,
): Needed | undefined {
	if (route.subject) return neededByProxy(request, querystring);
	return {scopes: scopesToCall(route), limits: limitsTaken(route)};
}
