import * as z from 'zod';
import {email} from './people.ts';
import {timestamp} from './text.ts';

export const user = z.strictObject({
	id: z.uuid(),
	email: z.string(),
	operator: z.boolean(),
	disabled: z.boolean(),
	created_at: timestamp,
});

export const userList = z.array(user);

export const createUserRequest = z.strictObject({
	email,
	operator: z.boolean({error: 'operator must be true or false'}).optional(),
});

/** The answer is the only time the code is shown; with it the user sets a password. */
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
