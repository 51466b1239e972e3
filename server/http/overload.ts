import type {Context, Middleware, Next} from 'koa';
import {probes} from './access-log.ts';
import {Problem, respondProblem} from './problem.ts';

/**
 * Answers 503 at once when `most` requests are being worked on: a queue would only grow. Health and
 * metrics are outside the count: a busy server must not look like a dead one. So is a request while
 * its client is waited for: whoever sends slowly takes nobody's place.
 */
export function createOverloadGuard(most: number): Middleware {
	let inFlight = 0;
	return async (ctx: Context, next: Next) => {
		if (probes.has(ctx.path)) return next();
		if (inFlight >= most) {
			respondProblem(ctx, new Problem('overloaded'));
			return;
		}
		inFlight++;
		let hasPlace = true;
		ctx.state.whileAway = async <T>(wait: () => Promise<T>): Promise<T | Problem> => {
			hasPlace = false;
			inFlight--;
			const value = await wait();
			if (inFlight >= most) return new Problem('overloaded');
			hasPlace = true;
			inFlight++;
			return value;
		};
		try {
			await next();
		} finally {
			if (hasPlace) inFlight--;
		}
	};
}
