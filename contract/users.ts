import * as z from 'zod';
import {email} from './people.ts';
import {timestamp} from './text.ts';

/** How an account was made. */
export const userOrigins = ['setup', 'operator', 'invitation', 'identity_provider'] as const;
export type UserOrigin = (typeof userOrigins)[number];

export const user = z.strictObject({
	id: z.uuid(),
	email: z.string(),
	operator: z.boolean(),
	disabled: z.boolean(),
	created_at: timestamp,
	/** Null: it was made before this was kept. */
	origin: z.enum(userOrigins).nullable(),
	/**
	 * False as long as only the word of an inviter, who had the code, too, says whose account it is.
	 * A password set with an operator's code confirms it, and so does an identity that is linked.
	 */
	confirmed: z.boolean(),
});

export const userList = z.array(user);

export const createUserRequest = z.strictObject({
	email,
	operator: z.boolean({error: 'operator must be true or false'}).optional(),
});

/**
 * The answer is the only time the code is shown; with it the user sets a password. So does who is made
 * an operator without being confirmed: they are logged out everywhere and have no password.
 */
export const createdUser = z.strictObject({
	...user.shape,
	code: z.string(),
	code_expires_at: timestamp,
});

export const updateUserRequest = z.strictObject({
	operator: z.boolean({error: 'operator must be true or false'}).optional(),
	disabled: z.boolean({error: 'disabled must be true or false'}).optional(),
});

export type User = z.infer<typeof user>;
