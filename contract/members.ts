import * as z from 'zod';
import {role} from './people.ts';
import {timestamp} from './text.ts';

/** A person in an organisation. */
export const member = z.strictObject({
	user_id: z.uuid(),
	email: z.string(),
	role,
	created_at: timestamp,
});

export const memberList = z.array(member);

export const updateMemberRequest = z.strictObject({role});

export const memberRemoved = z.strictObject({message: z.literal('Member removed successfully')});

export type Member = z.infer<typeof member>;
