import * as z from 'zod';
import {described} from './described.ts';
import {maxQuota, quotaPeriods, wholeNumber} from './rate-limits.ts';
import {timestamp} from './text.ts';

/* How the limits and quotas of keys are at a moment, and changes of what was used of a quota. */

/** What was used of the quota of a key in the period that is running is to be so much, or so much more. */
export const changeQuotaRequest = z
	.strictObject({
		set: wholeNumber('set', 0, maxQuota).optional(),
		add: wholeNumber('add', -maxQuota, maxQuota).optional(),
	})
	.superRefine(({set, add}, context) => {
		const given = [set, add].filter((value) => value !== undefined).length;
		if (given === 1) return;
		const message = given === 0 ? 'set is required, or add' : 'add must not be there beside set';
		context.addIssue({code: 'custom', message, path: [given === 0 ? 'set' : 'add']});
	})
	.register(described, {examples: [{add: -10}]});

/** What is used of a quota now. */
export const usedQuota = z.strictObject({
	used: z.int(),
	limit: z.int(),
	/** When it begins anew; null: never. */
	resets_at: timestamp.nullable(),
});

/** How a limit is. */
const limitState = z.strictObject({
	/** As answers call it: `burst`, `org:burst`, `owner:burst`. */
	name: z.string(),
	limit: z.int(),
	window_seconds: z.int(),
	burst: z.int(),
	/** Uses that could come at once. */
	remaining: z.int(),
	/**
	 * Until a use fits, where none does; else until it is as if nobody had used it. Null: none ever
	 * does, as each takes more than may come at once.
	 */
	reset_seconds: z.int().nullable(),
});

/** How a quota is. */
const quotaState = z.strictObject({
	/** `quota`, `org:quota`, `owner:quota`. */
	name: z.string(),
	...usedQuota.shape,
	period: z.enum(quotaPeriods),
	remaining: z.int(),
});

/**
 * Who tells: the counts of all servers in Redis, or, while it is away, what this server knows; `none`:
 * nothing is limited then, as the key policy says. Null: nothing limits the key, or the use.
 */
const limitsSource = z.enum(['redis', 'local', 'none']).nullable();

/** All that limits a key, as it is now: its own first, then what it shares. */
export const keyLimitsState = z.strictObject({
	rate_limits: z.array(limitState),
	quotas: z.array(quotaState),
	limits_source: limitsSource,
});

/** The same of what a use was held against, with whether that refused it. */
export const heldLimits = z.strictObject({
	rate_limits: z.array(limitState.extend({exceeded: z.boolean()})),
	quotas: z.array(quotaState.extend({exceeded: z.boolean()})),
	limits_source: limitsSource,
});

/** Keys that were refused for a limit or quota in the last minute. */
export const limitedKeys = z.array(
	z.strictObject({
		/** Of the key. */
		id: z.uuid(),
		name: z.string(),
		hint: z.string(),
		/** When it was last refused, some seconds behind. */
		last_at: timestamp,
		/** What it was refused for, the latest first. */
		limits: z.array(
			z.strictObject({
				name: z.string(),
				/** How often it was refused for it since it first was, or was again after 30 days. */
				refused: z.int(),
				last_at: timestamp,
			}),
		),
	}),
);

export type ChangeQuota = z.output<typeof changeQuotaRequest>;
export type UsedQuota = z.infer<typeof usedQuota>;
export type ShownLimit = z.infer<typeof limitState>;
export type ShownQuota = z.infer<typeof quotaState>;
export type HeldLimits = z.infer<typeof heldLimits>;
export type KeyLimitsState = z.infer<typeof keyLimitsState>;
export type ListedLimitedKey = z.infer<typeof limitedKeys>[number];
