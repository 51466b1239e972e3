import * as z from 'zod';

export const dependencyState = z.enum(['ok', 'degraded', 'down']);

/** Why it is not `ok`, for programs; `detail` says it for people, with which promise does not hold. */
export const dependencyReason = z.enum([
	'away',
	'read_only',
	'full',
	'unsaved',
	'few_replicas',
	'replica',
	'no_right',
	'no_login',
	'loading',
	'cluster_down',
	'slots_away',
	'slow',
	'too_old',
]);

export const dependency = z.strictObject({
	state: dependencyState,
	reason: dependencyReason.optional(),
	detail: z.string().optional(),
});

export const live = z.strictObject({status: z.literal('ok')});

export const ready = z.strictObject({
	status: z.enum(['ready', 'degraded', 'draining', 'unavailable']),
	version: z.string(),
	dependencies: z.strictObject({
		postgresql: dependency,
		redis: dependency,
	}),
});

/** The Prometheus text format. */
export const metrics = z.string();

export type Dependency = z.infer<typeof dependency>;
export type Ready = z.infer<typeof ready>;
