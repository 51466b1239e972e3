import * as z from 'zod';
import {pageQuery} from './paging.ts';
import {futureInstant, name, timestamp} from './text.ts';

/** `expires_at` is an extension: without it a key does not expire. */
export const createKeyRequest = z.strictObject({
	name: name('name'),
	expires_at: futureInstant('expires_at').optional(),
});

/** A key as it is listed. Member order is part of the contract; `key` is never here. */
export const key = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	created_at: timestamp,
	last_used_at: timestamp.nullable(),
	revoked_at: timestamp.nullable(),
});

/** The only answer that ever holds the key itself. */
export const createdKey = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	key: z.string(),
	created_at: timestamp,
	last_used_at: z.null(),
	revoked_at: z.null(),
});

/** The answer to a request with an extension: the documented members, then what was asked for. */
export const createdKeyWithExpiry = z.strictObject({...createdKey.shape, expires_at: timestamp});

/** A key in a list that was asked for with `?view=full`. */
export const fullKey = z.strictObject({
	...key.shape,
	hint: z.string(),
	expires_at: timestamp.nullable(),
});

/** One key with who made it and, as `last_used_address`, from where it was used last. */
export const keyDetail = z.strictObject({
	...fullKey.shape,
	/** Email of the person; null for a service account, or somebody who is gone. */
	created_by: z.string().nullable(),
	last_used_address: z.string().nullable(),
	revoked_by: z.string().nullable(),
});

/** `hour`: the last 24 hours; `day`: the last 30 days, as UTC counts them; both with the current one. */
export const keyUsageQuery = z.strictObject({
	by: z.enum(['hour', 'day'], {error: 'by must be hour or day'}).optional(),
});

/** How often a key was checked from `start` on, by outcome. It is some seconds behind. */
export const usageBucket = z.strictObject({
	start: timestamp,
	valid: z.int(),
	revoked: z.int(),
	expired: z.int(),
	plan_inactive: z.int(),
});

export const keyUsage = z.array(usageBucket);

export const keyListQuery = pageQuery.extend({
	view: z.literal('full', {error: 'view must be full'}).optional(),
});

export const keyList = z.array(key);

export const keyRevoked = z.strictObject({message: z.literal('API key revoked successfully')});

export type FullKey = z.infer<typeof fullKey>;
export type CreatedKeyWithExpiry = z.infer<typeof createdKeyWithExpiry>;
export type KeyDetail = z.infer<typeof keyDetail>;
export type UsageBucket = z.infer<typeof usageBucket>;
export type Key = z.infer<typeof key>;
export type CreatedKey = z.infer<typeof createdKey>;
