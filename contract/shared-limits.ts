import * as z from 'zod';
import {quota, quotaRequest, rateLimit, rateLimits} from './rate-limits.ts';
import {timestamp} from './text.ts';

/* Limits and a quota that keys use up together: those of an organisation, or of one owner in it. */

/** All of it is replaced: what is not named is taken away. */
export const setSharedLimitsRequest = z.strictObject({
	rate_limits: rateLimits('rate_limits').optional(),
	quota: quotaRequest('quota').optional(),
});

/** What is limited, as a key shows the same of its own. */
export const sharedLimitTerms = {
	rate_limits: z.array(rateLimit),
	quota: quota.nullable(),
};

export const sharedLimits = z.strictObject({
	...sharedLimitTerms,
	/** In the period that is running, some seconds behind; null: there is no quota. */
	quota_used: z.int().nullable(),
	/** When the quota begins anew; null: never, or there is none. */
	quota_resets_at: timestamp.nullable(),
});

/** Whose keys share the limits; null: all of the organisation. */
export const sharingOwner = z.strictObject({type: z.string(), id: z.string()}).nullable();

export const sharedLimitsList = z.array(
	z.strictObject({
		owner: sharingOwner,
		...sharedLimits.shape,
		created_at: timestamp,
		updated_at: timestamp,
	}),
);

export const sharedLimitsDeleted = z.strictObject({
	message: z.literal('Shared limits deleted successfully'),
});

export type SharedLimits = z.infer<typeof sharedLimits>;
export type SharedLimitsRequest = z.output<typeof setSharedLimitsRequest>;
export type ListedSharedLimits = z.infer<typeof sharedLimitsList>[number];
