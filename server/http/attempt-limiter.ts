import type {Context} from 'koa';
import {parseAddress} from '../../contract/network.ts';
import {Problem} from './problem.ts';

/** Most callers remembered; beyond it the oldest window is forgotten. */
const mostCallers = 10_000;

/** A count of attempts by caller in a window of time, in this process. What guesses.ts is not for. */
export function createAttemptLimiter(options: {
	most: number;
	windowMs: number;
	now?: () => number;
}) {
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
			if (window.count >= most) return false;
			window.count++;
			return true;
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
	};
}

/**
 * What attempts by strangers are counted against: an address, or in IPv6 the network that one
 * subscriber gets, with 2^64 addresses to come from.
 */
export function attemptOrigin(ctx: Context): string {
	const written = ctx.state.clientAddress ?? '';
	const address = parseAddress(written);
	return address?.family === 6 ? `${(address.bits >> 64n).toString(16)}/64` : written;
}
