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

/** What a request needs of its key, and what a proxy says of itself beside it. */
export type Needed = {
	scopes: ScopeQuery | undefined;
	limits: LimitsAsked | undefined;
	/** With what the request may be made; absent: with what its route takes. */
	credentials?: 'any' | 'api_key' | undefined;
	deniedAs?: DeniedAs;
};

/** The status that every refusal is told by; undefined: each by its own. */
export type DeniedAs = 403 | undefined;

/** What a query asks for, by what the proxied request does. */
type AskedByQuery = Record<'read' | 'write' | 'unsaid', Needed> & {isByMethod: boolean};

/** Each distinct query string is read once; null: it is refused. */
const askedIn = createRecent(1000, (querystring): AskedByQuery | null => {
	const read = forwardAuthQuery.safeParse({...parse(querystring)});
	if (!read.success) return null;
	const {scopes, scopes_read, scopes_write, limit, cost, credentials, deny} = read.data;
	const limits: LimitsAsked =
		limit === undefined && cost === undefined
			? plainUse
			: {named: new Map(limit?.map((name) => [name, undefined])), cost};
	const deniedAs = deny === '403' ? 403 : undefined;
	const needing = (needed: ScopeQuery | undefined): Needed => ({
		scopes: needed,
		limits,
		credentials,
		deniedAs,
	});
	const withScopes = (more: ScopeQuery | undefined) =>
		needing(allOf([scopes, more].filter((query) => query !== undefined)));
	return {
		read: withScopes(scopes_read),
		write: withScopes(scopes_write),
		unsaid: needing(unsaid),
		isByMethod: scopes_read !== undefined || scopes_write !== undefined,
	};
});

/**
 * What a proxy asks for in the query of forward-auth. Allocates nothing for one that was asked before:
 * it is done at each use.
 *
 * @returns undefined where the query is refused
 */
export function neededByProxy(request: IncomingMessage, querystring: string): Needed | undefined {
	if (querystring === '') return nothing;
	const asked = askedIn(querystring);
	if (asked === null) return undefined;
	if (!asked.isByMethod) return asked.read;
	const method = proxiedMethod(request);
	if (method === undefined) return asked.unsaid;
	return reading.has(method) ? asked.read : asked.write;
}

const nothing: Needed = {
	scopes: undefined,
	limits: plainUse,
	credentials: undefined,
	deniedAs: undefined,
};
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Undefined where no proxy said it, or where two lines say two things: one may be the client's. */
export function proxiedMethod({rawHeaders}: IncomingMessage): string | undefined {
	let said: string | undefined;
	for (let i = 0; i < rawHeaders.length; i += 2) {
		const name = rawHeaders[i] ?? '';
		if (name.length !== 17 && name.length !== 18) continue;
		if (!methodLines.has(name.toLowerCase())) continue;
		const method = rawHeaders[i + 1];
		if (said !== undefined && method !== said) return undefined;
		said = method;
	}
	return said === '' ? undefined : said;
}

const methodLines: ReadonlySet<string> = new Set(['x-original-method', 'x-forwarded-method']);

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
