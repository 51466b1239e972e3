import type {Context, Middleware, Next} from 'koa';
import {headers} from '../../contract/errors.ts';
import {routes} from '../../contract/routes.ts';
import {TermsUnknown} from '../../core/keys/terms.ts';
import {isBadValue, isUnavailable} from '../../core/db/faults.ts';
import type {Deps} from '../../core/deps.ts';
import {StillRunning} from '../../core/idempotency/store.ts';
import {LimitsUnavailable} from '../../core/limits/limiter.ts';
import {LimitReached} from '../../core/organisations/limits.ts';
import {PasswordQueueFull} from '../../core/people/passwords/password.ts';
import {TooOld, UpgradeInProgress} from '../../core/verification/terms-version.ts';
import type {Metrics} from '../metrics/metrics.ts';
import {earlyFailureOf} from './early-failure.ts';
import {createAccessLog, type AccessRecord} from './access-log.ts';
import {clientAddress} from './client-address.ts';
import {limitReached} from './limits.ts';
import {nilUuid} from './params.ts';
import {Problem, respondProblem} from './problem.ts';
import {nextRequestId} from './request-id.ts';
import {isWhole} from './whole.ts';
import './state.ts';

/**
 * The outermost middleware: gives the request its id and log, sets what every answer carries,
 * turns what was thrown into an answer, and writes one log line and one measurement.
 */
export function createRequestFrame(deps: Deps, metrics: Metrics): Middleware {
	const linesOf = createAccessLog(deps.log);
	return async (ctx: Context, next: Next) => {
		const startedAt = earlyFailureOf(ctx.req)?.startedAt ?? performance.now();
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
			(state.respondProblem ?? respondProblem)(ctx, problemOf(error, ctx));
		}
		// Whatever follows would be read as the rest of its body, which may never come: a proxy's
		// sub-request can have the length of another request.
		if (!(await isWhole(ctx.req))) ctx.set('Connection', 'close');
		const seconds = (performance.now() - startedAt) / 1000;
		const route = String(ctx['_matchedRoute'] ?? 'none');
		metrics.requestSeconds.of(measuredMethod(ctx.method), route, ctx.status).observe(seconds);
		const record = recordOf(ctx, route, seconds * 1000);
		linesOf(record)(record);
	};
}

const commonMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Callers do not make series of metrics by methods that nothing answers to. */
function measuredMethod(method: string): string {
	return commonMethods.has(method) ? method : 'other';
}

/** An outage outside is a 503, a value that PostgreSQL does not take a 400, the rest our fault. */
function problemOf(error: unknown, ctx: Context): Problem {
	if (isClientGone(error)) return new Problem('bad_request');
	if (isUnavailable(error)) {
		ctx.state.log().warn({error}, 'PostgreSQL could not be asked');
		return new Problem('unavailable');
	}
	// Said once, when the lease was refused: every check ends like this.
	if (error instanceof TooOld) return new Problem('unavailable');
	if (error instanceof UpgradeInProgress) {
		ctx.state.log().info({error: error.cause}, 'an older server holds a lease: Health names it');
		return new Problem('upgrade_in_progress');
	}
	if (error instanceof TermsUnknown) {
		// Never a verdict: what the key carries is not known.
		ctx.state.log().error({error}, 'terms of an API key cannot be read');
		return new Problem('unavailable');
	}
	if (error instanceof LimitsUnavailable) return new Problem('unavailable');
	if (error instanceof LimitReached) return limitReached(error);
	if (error instanceof StillRunning) {
		return new Problem('idempotency_in_progress', {headers: {'Retry-After': '1'}});
	}
	if (error instanceof PasswordQueueFull) return new Problem('overloaded');
	if (isBadValue(error)) return new Problem('invalid_field');
	ctx.state.log().error({error}, 'a request failed');
	return new Problem(ctx.state.failure ?? 'internal');
}

/** The request was cut off while its body was read: nobody is there to answer. */
function isClientGone(error: unknown): boolean {
	return (
		error instanceof Error &&
		'code' in error &&
		((error.code === 'ECONNRESET' && error.message === 'aborted') ||
			error.code === 'ERR_STREAM_PREMATURE_CLOSE')
	);
}

const pathWords = new Set(Object.values(routes).flatMap((route) => route.path.split('/')));

/**
 * The path of a target that no route has, with only the words of the contract left: it may hold
 * anything, and need not be a target at all.
 */
function recognisable(target: string): string {
	const [path = ''] = target.split('?', 1);
	const segments = path.split('/', 12);
	return segments.map((segment) => (pathWords.has(segment) ? segment : '*')).join('/');
}

/** What came from outside is not logged as it came: keys end up in paths and queries. */
function recordOf(ctx: Context, route: string, ms: number): AccessRecord {
	const {state} = ctx;
	return {
		requestId: state.requestId,
		method: ctx.method,
		route,
		path: route === 'none' ? recognisable(ctx.req.url ?? '') : undefined,
		status: ctx.status,
		ms,
		ip: state.clientAddress,
		authMethod: state.authMethod,
		keyId: state.keyId === nilUuid ? undefined : state.keyId,
		userId: state.userId,
		serviceAccountId: state.serviceAccountId,
		refusal: state.refusal,
		errorCode: state.errorCode,
	};
}
