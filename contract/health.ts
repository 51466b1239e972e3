import * as z from 'zod';

export const dependencyState = z.enum(['ok', 'degraded', 'down']);

export const dependency = z.strictObject({state: dependencyState, detail: z.string().optional()});

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

export type Ready = z.infer<typeof ready>;
