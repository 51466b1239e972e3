import type {Context, Middleware, Next} from 'koa';
import {probes} from './access-log.ts';
import {Problem, respondProblem} from './problem.ts';

/**
 * Answers 503 at once when `most` requests are being worked on: a queue would only grow. Health and
 * metrics are outside the count: a busy server must not look like a dead one.
 */
export function overload(most: number): Middleware {
	let inFlight = 0;
	return async (ctx: Context, next: Next) => {
		if (probes.has(ctx.path)) return next();
		if (inFlight >= most) {
			respondProblem(ctx, new Problem('overloaded'));
			return;
		}
		inFlight++;
		try {
			await next();
		} finally {
			inFlight--;
		}
	};
}
