import type {UsageSeries} from '../../contract/usage.ts';
import {squeezed} from './groups.ts';

/* The use of the last 24 hours of keys in a list, of those that are looked at. */

/** What one line of it has: two hours each. */
export const sparkWidth = 12;

/** How long it holds, ms: it is read again after that. */
const holds = 15_000;
/** Most keys of one request. */
const most = 50;
/** Those read last are kept, so that going back and forth shows them at once. */
const kept = 1000;

export type Sparks = {
	/** When it was asked for last, and whether the answer is not here yet. */
	readonly askedAt: number;
	readonly waiting: boolean;
	readonly read: ReadonlyMap<string, {readonly at: number; readonly counts: readonly number[]}>;
};

export const noSparks: Sparks = {
	askedAt: Number.NEGATIVE_INFINITY,
	waiting: false,
	read: new Map(),
};

/** The keys to ask for now, of those in view: none where all are fresh, or an answer is on its way. */
export function sparksDue(
	{askedAt, waiting, read}: Sparks,
	inView: readonly string[],
	now: number,
) {
	// An answer that never came is not waited for any longer.
	if (waiting && now - askedAt < holds) return [];
	const readAt = (id: string) => read.get(id)?.at ?? Number.NEGATIVE_INFINITY;
	if (!inView.some((id) => now - readAt(id) >= holds)) return [];
	return inView.toSorted((a, b) => readAt(a) - readAt(b)).slice(0, most);
}

/** With what was read of `ids`: one that is not in the series was not used. */
export function withSparks(
	before: Sparks,
	ids: readonly string[],
	{series}: UsageSeries,
	now: number,
): Sparks {
	const found = new Map(series.map(({group, points}) => [group, points]));
	const fresh = ids.map((id) => {
		const counts = (found.get(id) ?? []).map(([, count]) => count);
		return [id, {at: now, counts: squeezed(counts, sparkWidth)}] as const;
	});
	const old = [...before.read].filter(([id]) => !ids.includes(id));
	return {...before, waiting: false, read: new Map([...old, ...fresh].slice(-kept))};
}
