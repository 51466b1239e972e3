import type {Context, Middleware, Next} from 'koa';
import {headers} from '../../contract/errors.ts';
import {routes} from '../../contract/routes.ts';
import {isBadValue, isUnavailable} from '../../core/db/connect.ts';
import type {Deps} from '../../core/deps.ts';
import {PasswordQueueFull} from '../../core/people/password.ts';
import type {Metrics} from '../metrics.ts';
import {accessLog, type AccessRecord} from './access-log.ts';
import {clientAddress} from './client-address.ts';
import {Problem, respondProblem} from './problem.ts';
import {nextRequestId} from './request-id.ts';
import './state.ts';

/**
 * The outermost middleware: gives the request its id and log, sets what every answer carries,
 * turns what was thrown into an answer, and writes one log line and one measurement.
 */
export function requests(deps: Deps, metrics: Metrics): Middleware {
	const linesOf = accessLog(deps.log);
	return async (ctx: Context, next: Next) => {
		const startedAt = performance.now();
		const {state} = ctx;
		state.requestId = nextRequestId();
		// Made when it is needed: most requests have nothing more to say than their line.
		state.log = () => deps.log.child({request_id: state.requestId});
		state.clientAddress = clientAddress(ctx.req, deps.config.trustedProxies);
		ctx.set(headers.requestId, state.requestId);
		ctx.set('Cache-Control', 'no-store');
		ctx.set('X-Content-Type-Options', 'nosniff');
		try {
			await next();
		} catch (error) {
			respondProblem(ctx, problemOf(error, ctx));
		}
		const seconds = (performance.now() - startedAt) / 1000;
		const route = String(ctx['_matchedRoute'] ?? 'none');
		metrics.requestSeconds.of(ctx.method, route, ctx.status).observe(seconds);
		const record = recordOf(ctx, route, seconds * 1000);
		linesOf(record)(record);
	};
}

/** An outage outside is a 503, a value that PostgreSQL does not take a 400, the rest our fault. */
function problemOf(error: unknown, ctx: Context): Problem {
	if (isClientGone(error)) return new Problem('bad_request');
	if (isUnavailable(error)) {
		ctx.state.log().warn({error}, 'PostgreSQL could not be asked');
		return new Problem('unavailable');
	}
	if (error instanceof PasswordQueueFull) return new Problem('overloaded');
	if (isBadValue(error)) return new Problem('invalid_field');
	ctx.state.log().error({error}, 'a request failed');
	return new Problem('internal');
}

/** The request was cut off while its body was read: nobody is there to answer. */
function isClientGone(error: unknown): boolean {
	return (
		error instanceof Error &&
		'code' in error &&
		error.code === 'ECONNRESET' &&
		error.message === 'aborted'
	);
}

const pathWords = new Set(Object.values(routes).flatMap((route) => route.path.split('/')));

/** A path that no route has, with only the words of the contract left: it may hold anything. */
function recognisable(path: string): string {
	const segments = path.split('/').slice(0, 12);
	return segments.map((segment) => (pathWords.has(segment) ? segment : '*')).join('/');
}

/** What came from outside is not logged as it came: keys end up in paths and queries. */
function recordOf(ctx: Context, route: string, ms: number): AccessRecord {
	const {state} = ctx;
	return {
		requestId: state.requestId,
		method: ctx.method,
		route,
		path: route === 'none' ? recognisable(ctx.path) : undefined,
		status: ctx.status,
		ms,
		ip: state.clientAddress,
		authMethod: state.authMethod,
		keyId: state.keyId,
		userId: state.userId,
		serviceAccountId: state.serviceAccountId,
		refusal: state.refusal,
		errorCode: state.errorCode,
	};
}
