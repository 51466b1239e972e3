/*
The generic cell rate algorithm, in whole µs. Its state is one instant, the theoretical arrival time
(TAT): as far as it lies ahead, so much was used already. A use moves it on by `cost` intervals, and fits
while it lies no further ahead than `burst` intervals. So no window has more than `burst + limit` uses.
*/

/** What the arithmetic needs to know of a limit. */
export type Cells = {
	/** Between two uses that come evenly, in µs. */
	readonly interval: number;
	/** Uses that may come at once. */
	readonly burst: number;
};

/**
 * How far ahead a TAT lies, in µs: 0 where it is past. Never further than the limit lets it: a clock
 * that was set back, or a limit that was made smaller, must not lock anybody out for longer.
 */
export function aheadOf(tat: number, now: number, cells: Cells): number {
	return Math.min(Math.max(tat - now, 0), mostAhead(cells));
}

/** Whether a use of a cost fits behind what was used. */
export function fits(ahead: number, cost: number, cells: Cells): boolean {
	return ahead + cost * cells.interval <= mostAhead(cells);
}

/** How far ahead a limit may lie at most, in µs. */
export function mostAhead({interval, burst}: Cells): number {
	return burst * interval;
}

/** How many uses of cost 1 could come at once. */
export function remainingOf(ahead: number, cells: Cells): number {
	return Math.floor((mostAhead(cells) - ahead) / cells.interval);
}

/** Until a use of a cost would fit, in µs; undefined: it never will. */
export function waitFor(ahead: number, cost: number, cells: Cells): number | undefined {
	if (cost > cells.burst) return undefined;
	return Math.max(ahead + cost * cells.interval - mostAhead(cells), 0);
}
