import type {Context, Middleware, Next} from 'koa';
import {probes} from './access-log.ts';
import {Problem, respondProblem} from './problem.ts';

/** How many requests are worked on, of those that wait for anything: at most so many. */
export class InFlight {
	readonly #most: number;
	#count = 0;

	constructor(most: number) {
		this.#most = most;
	}

	/** @returns whether there was a place: then `leave` gives it back */
	enter(): boolean {
		if (this.#count >= this.#most) return false;
		this.#count++;
		return true;
	}

	leave(): void {
		this.#count--;
	}
}

/**
 * Answers 503 at once when as many requests as may be are being worked on: a queue would only grow.
 * Health and metrics are outside the count: a busy server must not look like a dead one. So is a
 * request while its client is waited for: whoever sends slowly takes nobody's place.
 */
export function createOverloadGuard(inFlight: InFlight): Middleware {
	return async (ctx: Context, next: Next) => {
		if (probes.has(ctx.path)) return next();
		if (!inFlight.enter()) {
			respondProblem(ctx, new Problem('overloaded'));
			return;
		}
		let hasPlace = true;
		ctx.state.whileAway = async <T>(wait: () => Promise<T>): Promise<T | Problem> => {
			hasPlace = false;
			inFlight.leave();
			const value = await wait();
			hasPlace = inFlight.enter();
			return hasPlace ? value : new Problem('overloaded');
		};
		try {
			await next();
		} finally {
			if (hasPlace) inFlight.leave();
		}
	};
}
