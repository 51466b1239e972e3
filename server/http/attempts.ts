import type {Context} from 'koa';
import {Problem} from './problem.ts';

/** Most callers remembered; beyond it the oldest window is forgotten. */
const mostCallers = 10_000;

/**
 * A count of attempts by caller in a window of time, in this process. It slows guessing down; the
 * account's own delay, which is kept in PostgreSQL, is what stops it.
 */
export function attempts(options: {most: number; windowMs: number; now?: () => number}) {
	const {most, windowMs, now = Date.now} = options;
	const windows = new Map<string, {count: number; endsAt: number}>();

	return {
		/** @returns whether this caller may try once more */
		take(caller: string): boolean {
			const window = windows.get(caller);
			if (window === undefined || window.endsAt <= now()) {
				windows.delete(caller);
				if (windows.size >= mostCallers) {
					const [oldest] = windows.keys();
					if (oldest !== undefined) windows.delete(oldest);
				}
				windows.set(caller, {count: 1, endsAt: now() + windowMs});
				return true;
			}
			window.count++;
			return window.count <= most;
		},

		/** Whether this caller has none left; takes none. */
		isSpent(caller: string): boolean {
			const window = windows.get(caller);
			return window !== undefined && window.endsAt > now() && window.count >= most;
		},

		/** Gives an attempt back that succeeded. */
		give(caller: string): void {
			const window = windows.get(caller);
			if (window !== undefined && window.count > 0) window.count--;
		},
	};
}

export type Attempts = ReturnType<typeof attempts>;

/**
 * Counts an attempt against the address it comes from, unless it succeeds. An outage is no guess.
 *
 * @returns what the attempt came to, or that there were too many
 */
export async function counted<T>(
	limit: Attempts,
	ctx: Context,
	attempt: () => Promise<T | Problem>,
): Promise<T | Problem> {
	const caller = ctx.state.clientAddress ?? '';
	if (!limit.take(caller)) return new Problem('too_many_attempts');
	let isGuess = false;
	try {
		const answer = await attempt();
		isGuess = answer instanceof Problem;
		return answer;
	} finally {
		if (!isGuess) limit.give(caller);
	}
}
