import * as z from 'zod';
import {code, email, newPassword, role} from './people.ts';
import {timestamp} from './text.ts';

/** An invitation that can still be accepted. */
export const invitation = z.strictObject({
	id: z.uuid(),
	email: z.string(),
	role,
	created_at: timestamp,
	expires_at: timestamp,
});

export const invitationList = z.array(invitation);

export const createInvitationRequest = z.strictObject({email, role});

/** The only answer that ever holds the code. */
export const createdInvitation = z.strictObject({...invitation.shape, code: z.string()});

export const invitationWithdrawn = z.strictObject({
	message: z.literal('Invitation withdrawn successfully'),
});

/** The password of the user with that email, or one for the user to be made. */
export const acceptInvitationRequest = z.strictObject({
	code: code('code'),
	password: newPassword('password'),
});

export type Invitation = z.infer<typeof invitation>;
