import type {IncomingMessage} from 'node:http';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';
import {proxiedMethod} from './needed.ts';

/* What people who look on are told of a request that a key is used with. */

const known = new Map<Route, string>(
	Object.values<Route>(routes).map((route) => [
		route,
		route === routes.forwardAuth ? 'forward-auth' : nameOf(route),
	]),
);

function nameOf({method, path}: Route): string {
	return `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}

/** By what the key is used: the endpoint, as the pages name it, never with what stands in a URL. */
export function viaOf(route: Route): string {
	return known.get(route) ?? nameOf(route);
}

/** The method of the request that a proxy asks about, as far as it says; undefined for all other requests. */
export function methodAskedAbout(route: Route, request: IncomingMessage): string | undefined {
	return route === routes.forwardAuth ? proxiedMethod(request)?.slice(0, 32) : undefined;
}
