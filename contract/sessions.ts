import * as z from 'zod';
import {timestamp} from './text.ts';

/** A session that can still be used. `last_used_at` is its login or last exchange of a refresh token. */
export const session = z.strictObject({
	id: z.uuid(),
	created_at: timestamp,
	last_used_at: timestamp,
	expires_at: timestamp,
	address: z.string().nullable(),
	user_agent: z.string().nullable(),
	/** The one that asks. */
	current: z.boolean(),
});

export const sessionList = z.array(session);

export const sessionEnded = z.strictObject({message: z.literal('Session ended successfully')});

export const sessionsEnded = z.strictObject({
	message: z.literal('Sessions ended successfully'),
	count: z.int(),
});

export type Session = z.infer<typeof session>;
