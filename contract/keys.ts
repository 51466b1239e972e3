import * as z from 'zod';
import {name, timestamp} from './text.ts';

export const createKeyRequest = z.strictObject({name: name('name')});

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

export const keyList = z.array(key);

export const keyRevoked = z.strictObject({message: z.literal('API key revoked successfully')});

export type Key = z.infer<typeof key>;
export type CreatedKey = z.infer<typeof createdKey>;
