import type {UsageSeries} from '../../contract/usage.ts';

/* How often keys are checked now: by how much the counts grew while one looked. */

/** All counts of the last steps, as they were read at an instant. */
export type Sample = {
	/** In ms. */
	readonly at: number;
	readonly counts: ReadonlyMap<string, number>;
};

/** Over so long, ms: longer is not now, and much shorter is chance. */
const longest = 60_000;
const shortest = 4000;
/** Steps that may still grow: the one that runs, and the one before. */
const growing = 2;

/** The samples with one more, without those that are too old to tell about now. */
export function sampled(
	samples: readonly Sample[],
	{series}: UsageSeries,
	at: number,
): readonly Sample[] {
	const counts = new Map<string, number>();
	for (const {points} of series) {
		for (const [start, count] of points.slice(-growing)) {
			counts.set(start, (counts.get(start) ?? 0) + count);
		}
	}
	return [...samples.filter((sample) => at - sample.at <= longest), {at, counts}];
}

/** Checks a minute, and over how many seconds; undefined: one has not looked for long enough. */
export function rateOf(
	samples: readonly Sample[],
): {readonly perMinute: number; readonly seconds: number} | undefined {
	const [first, last] = [samples[0], samples.at(-1)];
	if (first === undefined || last === undefined || last.at - first.at < shortest) return undefined;
	let growth = 0;
	const newest = [...first.counts.keys()].toSorted().at(-1) ?? '';
	for (const [start, count] of last.counts) {
		const before = first.counts.get(start);
		// A step that began meanwhile counts whole; one that had gone out of sight not at all.
		if (before !== undefined) growth += Math.max(0, count - before);
		else if (start > newest) growth += count;
	}
	const seconds = (last.at - first.at) / 1000;
	return {perMinute: (growth * 60) / seconds, seconds: Math.round(seconds)};
}

/** `182/min`, or `12/s` where that is more than anyone reads as a number of minutes. */
export function rateText(perMinute: number): string {
	if (perMinute >= 6000) return `${Math.round(perMinute / 60).toLocaleString('en')}/s`;
	if (perMinute > 0 && perMinute < 1) return '<1/min';
	return `${Math.round(perMinute).toLocaleString('en')}/min`;
}
