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

/** Why a session is over; only a holder of one of its refresh tokens is told. */
export const sessionEnds = [
	/** The most time that a session has is over. */
	'expired',
	/** Its refresh token was not exchanged in time. */
	'idle',
	'logged_out',
	'logged_out_everywhere',
	'ended_by_operator',
	'password_changed',
	'password_reset',
	'user_disabled',
	/** Made usable again at the machine of the appliance. */
	'user_recovered',
	/** Somebody else's word was the only one for this account, until its owner came. */
	'identity_linked',
	'made_operator',
	/** Of the organization that the session acted in. */
	'member_removed',
	/** A refresh token came back after it was exchanged: somebody else may have it. */
	'refresh_token_reused',
	'restored_from_backup',
] as const;

export type SessionEnd = (typeof sessionEnds)[number];

export type Session = z.infer<typeof session>;
