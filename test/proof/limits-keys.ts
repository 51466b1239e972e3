import type {Quota, RateLimit} from '../../contract/rate-limits.ts';

/* The keys of the proof of limits: each with limits and a quota of its own, and one limit that all share. */

export const organisationId = '00000000-0000-4000-8000-00000000000a';

export const limitedKeys = Array.from(
	{length: 20},
	(_each, i) => `00000000-0000-4000-8000-0000000001${String(i).padStart(2, '0')}`,
);

const limit = (
	name: string,
	most: number,
	seconds: number,
	burst: number,
	cost = 1,
): RateLimit => ({
	name,
	limit: most,
	window_seconds: seconds,
	burst,
	cost,
	auto: true,
});

/** Such that each of them refuses some uses, and the quota is spent in the end by some keys. */
export const ownLimits = {
	rate_limits: [limit('quick', 700, 1, 90), limit('slow', 2999, 7, 640, 2)],
	quota: {
		limit: 30_000,
		period: 'total',
		reset_day: null,
		timezone: 'UTC',
		cost: 1,
	} satisfies Quota as Quota,
	shared: [
		{
			subject: {kind: 'o', id: ''} as const,
			rate_limits: [limit('all', 7919, 1, 800)],
			quota: null,
		},
	],
	whenRedisIsAway: 'refuse' as const,
};

/** What a process writes down of a command: the time of Redis, and of each use its names and what it came to. */
export type Record = {at: number; verdicts: [names: string[], verdict: number][]};
