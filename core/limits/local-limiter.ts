import type {Charges} from './charges.ts';
import type {CompiledLimit} from './definitions.ts';
import {aheadOf, fits, mostAhead, type Cells} from './gcra.ts';

/** Which of how many servers this is: each keeps a share of every limit of its own while Redis is away. */
export type Share = {
	readonly servers: number;
	/** From 0, in an order that all of them agree on. */
	readonly place: number;
};

/**
 * The share of one server in a limit: such that in any window no more than `burst + limit` uses come to
 * all of them together, as Redis would let in. At least one use at a time, if there are not fewer of
 * them than servers.
 *
 * @returns undefined where nothing is left for this one
 */
export function shareOf(
	{
		limit,
		burst,
		windowSeconds,
		cost,
	}: Pick<CompiledLimit, 'limit' | 'burst' | 'windowSeconds' | 'cost'>,
	{servers, place}: Share,
): Cells | undefined {
	const most = burst + limit;
	const own = Math.floor(most / servers) + (place < most % servers ? 1 : 0);
	if (own === 0) return undefined;
	const ownBurst = Math.min(Math.max(Math.floor(burst / servers), cost, 1), own);
	const evenly = own - ownBurst;
	const window = windowSeconds * 1e6;
	// Without any that come evenly, the next one comes once the window is over.
	return {burst: ownBurst, interval: evenly > 0 ? Math.ceil(window / evenly) : window + 1};
}

/** Keeps limits in this process, by its own clock, while Redis cannot be asked. */
export class LocalLimiter {
	readonly #most: number;
	readonly #now: () => number;
	/** TATs in µs, by the names of their limits in Redis; those that were not used for longest first. */
	readonly #tats = new Map<string, number>();

	/**
	 * @param most limits that are kept; beyond that those are forgotten that were not used for longest
	 * @param now in µs: never set
	 */
	constructor(most: number, now = () => Math.floor(performance.now() * 1000)) {
		this.#most = most;
		this.#now = now;
	}

	/**
	 * Decides about a use, all or nothing.
	 *
	 * @param names of the limits that it is charged to
	 * @param alsoFits whether all else that the use needs has room for it
	 * @returns how far ahead the TATs lie, as of the whole limit and not of a share
	 */
	charge(
		charges: Charges,
		names: readonly string[],
		share: Share,
		alsoFits: boolean,
	): {aheads: number[]; exceeded: boolean[]; isCharged: boolean} {
		const now = this.#now();
		const shares = charges.limits.map(({of}) => shareOf(of, share));
		const aheads = shares.map((cells, place) =>
			cells === undefined ? 0 : aheadOf(this.#tats.get(names[place] ?? '') ?? 0, now, cells),
		);
		const exceeded = charges.limits.map(({cost}, place) => {
			const cells = shares[place];
			return cost > 0 && (cells === undefined || !fits(aheads[place] ?? 0, cost, cells));
		});
		const isCharged = alsoFits && !charges.isReading && !exceeded.includes(true);
		if (isCharged) {
			for (const [place, {cost}] of charges.limits.entries()) {
				const cells = shares[place];
				if (cells === undefined || cost === 0) continue;
				const ahead = (aheads[place] ?? 0) + cost * cells.interval;
				aheads[place] = ahead;
				this.#keep(names[place] ?? '', now + ahead);
			}
		}
		return {
			aheads: charges.limits.map(({of}, place) => ofWhole(aheads[place] ?? 0, shares[place], of)),
			exceeded,
			isCharged,
		};
	}

	#keep(name: string, tat: number): void {
		this.#tats.delete(name);
		this.#tats.set(name, tat);
		if (this.#tats.size > this.#most) this.#tats.delete(this.#tats.keys().next().value ?? '');
	}
}

/** What is used of a share, as that part of the whole limit: an answer tells of the limit that was set. */
function ofWhole(ahead: number, share: Cells | undefined, whole: Cells): number {
	const most = mostAhead(whole);
	if (share === undefined) return most;
	return Math.min(Math.ceil((ahead / mostAhead(share)) * most), most);
}
