import * as z from 'zod';
import {organisation} from './organisations.ts';
import {isBlank} from './characters.ts';
import {described} from './described.ts';
import {codePoints, timestamp, visible} from './text.ts';

export const roles = ['owner', 'admin', 'developer', 'viewer', 'verifier'] as const;
export type Role = (typeof roles)[number];

export const role = z.enum(roles, {error: `role must be one of ${roles.join(', ')}`});

export const minPasswordLength = 15;
export const maxPasswordLength = 1024;

export const email = z
	.string({error: 'email is required'})
	.refine((value) => value.length <= 254 && isAddress(value), {
		error: 'email must be an email address',
		abort: true,
	})
	.superRefine(visible('email'))
	.register(described, {maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$'});

/** Something, an at sign and something, each to be seen. */
function isAddress(value: string): boolean {
	const [local = '', domain = '', ...rest] = value.split('@');
	const parts = [local, domain];
	return (
		rest.length === 0 &&
		value.isWellFormed() &&
		!/\s/.test(value) &&
		!parts.some((part) => isBlank(part))
	);
}

/**
 * A new password. No rules of composition (NIST SP 800-63B): spaces and any script are welcome. The
 * server also refuses what is guessed first: common passwords, names of product and organisation.
 */
export function newPassword(field: string) {
	return z
		.string({error: `${field} is required`})
		.refine((value) => value.isWellFormed(), {error: `${field} must be well-formed Unicode text`})
		.refine((value) => codePoints(value) >= minPasswordLength, {
			error: `${field} must be at least ${minPasswordLength} characters`,
		})
		.refine((value) => value.length <= maxPasswordLength, {
			error: `${field} must be at most ${maxPasswordLength} characters`,
		})
		.register(described, {minLength: minPasswordLength, maxLength: maxPasswordLength});
}

/** What a one-time code begins with, by what it is for. */
export const codePrefixes = {invitation: 'lkin_', password: 'lkpw_'} as const;

/** A one-time code as it is handed in. */
export function code(field: string) {
	return z.string({error: `${field} is required`}).max(128, {error: `${field} is too long`});
}

/** A one-time code as it is handed out: the answer is the only time it is shown. */
export const issuedCode = z.strictObject({code: z.string(), expires_at: timestamp});

export const setupState = z.strictObject({required: z.boolean()});

export const setupRequest = z.strictObject({email, password: newPassword('password')});

export const setupResult = z.strictObject({
	id: z.uuid(),
	email: z.string(),
	organization: organisation,
});

/** A password as it is typed to be checked. */
export function password(field: string) {
	return z
		.string({error: `${field} is required`})
		.max(maxPasswordLength, {error: `${field} is too long`});
}

export const loginRequest = z.strictObject({
	email: z.string({error: 'email is required'}).max(254, {error: 'email is too long'}),
	password: password('password'),
	organization_id: z.string({error: 'organization_id must be a string'}).optional(),
});

export const changePasswordRequest = z.strictObject({
	current_password: password('current_password'),
	new_password: newPassword('new_password'),
});

export const resetPasswordRequest = z.strictObject({
	code: code('code'),
	password: newPassword('password'),
});

export const passwordChanged = z.strictObject({
	message: z.literal('Password changed successfully'),
});

export const tokens = z.strictObject({
	access_token: z.string(),
	token_type: z.literal('Bearer'),
	expires_in: z.int(),
	refresh_token: z.string(),
});

export const refreshRequest = z.strictObject({
	refresh_token: z
		.string({error: 'refresh_token is required'})
		.max(512, {error: 'refresh_token is too long'}),
});

export const loggedOut = z.strictObject({message: z.literal('Logged out successfully')});

export const me = z.strictObject({
	id: z.uuid(),
	email: z.string(),
	operator: z.boolean(),
	organization: organisation.nullable(),
	role: role.nullable(),
});

export type Tokens = z.infer<typeof tokens>;
export type Me = z.infer<typeof me>;
