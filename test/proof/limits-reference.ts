import type {Quota, RateLimit} from '../../contract/rate-limits.ts';

/*
What limits are to come to, written down a second time and in another way: as buckets that leak, which
hold what was used and let a µs of it go in each µs.
*/

/** One use, as it came to Redis. */
export type Arrival = {
	/** In µs, by the clock of Redis. */
	at: number;
	/** Names in Redis, of limits and quotas. */
	names: readonly string[];
};

export type Defined = RateLimit | Quota;

export class Reference {
	readonly #definitions: ReadonlyMap<string, Defined>;
	readonly #levels = new Map<string, {level: number; at: number}>();
	readonly #counts = new Map<string, number>();

	/** @param definitions by name in Redis */
	constructor(definitions: ReadonlyMap<string, Defined>) {
		this.#definitions = definitions;
	}

	/** @returns whether the use is let in; it is charged then */
	arrive({at, names}: Arrival): boolean {
		const changes: (() => void)[] = [];
		for (const name of names) {
			const defined = this.#definitions.get(name);
			if (defined === undefined) throw new Error(`nothing is defined of ${name}`);
			if ('window_seconds' in defined) {
				const level = this.#levelOf(name, at) + defined.cost * drainOf(defined);
				if (level > defined.burst * drainOf(defined)) return false;
				changes.push(() => this.#levels.set(name, {level, at}));
			} else {
				const count = (this.#counts.get(name) ?? 0) + defined.cost;
				if (count > defined.limit) return false;
				changes.push(() => this.#counts.set(name, count));
			}
		}
		for (const change of changes) change();
		return true;
	}

	#levelOf(name: string, at: number): number {
		const known = this.#levels.get(name);
		return known === undefined ? 0 : Math.max(known.level - (at - known.at), 0);
	}
}

/** For how many µs one use stays in the bucket: whole ones, and never so few that more get in. */
function drainOf({limit, window_seconds}: RateLimit): number {
	const window = window_seconds * 1_000_000;
	return (window - (window % limit)) / limit + (window % limit > 0 ? 1 : 0);
}

/**
 * The most that was let in of a limit in any window, in cost.
 *
 * @param times of what was let in, in µs and in their order
 */
export function mostInWindow(times: readonly number[], {window_seconds, cost}: RateLimit): number {
	const window = window_seconds * 1_000_000;
	let first = 0;
	let most = 0;
	for (const [last, time] of times.entries()) {
		while (time - (times[first] ?? 0) >= window) first++;
		most = Math.max(most, (last - first + 1) * cost);
	}
	return most;
}
