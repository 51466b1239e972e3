import {isIP} from 'node:net';
import type {Context} from 'koa';
import {addressBits} from '../../core/addresses.ts';
import {Problem} from './problem.ts';

/** Most callers remembered; beyond it the oldest window is forgotten. */
const mostCallers = 10_000;

/**
 * A count of attempts by caller in a window of time, in this process. It slows guessing down; the
 * account's own delay, which is kept in PostgreSQL, is what stops it.
 */
export function attempts(options: {most: number; windowMs: number; now?: () => number}) {
	const {most, windowMs, now = () => performance.now()} = options;
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

		/** The answer to a caller who has none left: when there will be some again. */
		refuse(caller: string): Problem {
			const leftMs = (windows.get(caller)?.endsAt ?? 0) - now();
			const seconds = Math.max(1, Math.ceil(leftMs / 1000));
			return new Problem('too_many_attempts', {headers: {'Retry-After': String(seconds)}});
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
 * Whom attempts count against that anybody can make: an address, and of IPv6 the network that one
 * subscriber gets, who has 2^64 addresses to come from.
 */
export function originOf(ctx: Context): string {
	const address = ctx.state.clientAddress ?? '';
	return isIP(address) === 6 ? `${(addressBits(address) >> 64n).toString(16)}/64` : address;
}

/**
 * Counts an attempt against where it comes from, unless it succeeds. An outage is no guess.
 *
 * @param onRefused what else is to be done where there were too many
 * @returns what the attempt came to, or that there were too many
 */
export async function counted<T>(
	limit: Attempts,
	ctx: Context,
	attempt: () => Promise<T | Problem>,
	onRefused?: (origin: string) => Promise<void>,
): Promise<T | Problem> {
	const origin = originOf(ctx);
	if (!limit.take(origin)) {
		await onRefused?.(origin);
		return limit.refuse(origin);
	}
	let isGuess = false;
	try {
		const answer = await attempt();
		isGuess = answer instanceof Problem;
		return answer;
	} finally {
		if (!isGuess) limit.give(origin);
	}
}
