/** Random choices that a seed repeats (mulberry32). */
export type Random = {
	/** From 0 to below 1. */
	next: () => number;
	between: (low: number, high: number) => number;
	chance: (probability: number) => boolean;
	pick: <T>(from: readonly T[]) => T | undefined;
};

export function seededRandom(seed: number): Random {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	return {
		next,
		between: (low, high) => low + next() * (high - low),
		chance: (probability) => next() < probability,
		pick: (from) => from[Math.floor(next() * from.length)],
	};
}
