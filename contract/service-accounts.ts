import * as z from 'zod';
import {wholeSecond, name, timestamp} from './text.ts';

/** Never owner: a machine cannot take an organisation over. */
export const serviceAccountRoles = ['admin', 'developer', 'viewer', 'verifier'] as const;
export type ServiceAccountRole = (typeof serviceAccountRoles)[number];

/** At a time, so that a new one can be rolled out before the old one goes. */
export const mostClientSecrets = 2;

const role = z.enum(serviceAccountRoles, {
	error: `role must be one of ${serviceAccountRoles.join(', ')}`,
});

export const serviceAccount = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	role,
	disabled: z.boolean(),
	created_at: timestamp,
});

export const serviceAccountList = z.array(serviceAccount);

export const createServiceAccountRequest = z.strictObject({name: name('name'), role});

export const updateServiceAccountRequest = z.strictObject({
	name: name('name').optional(),
	role: role.optional(),
	disabled: z.boolean({error: 'disabled must be true or false'}).optional(),
});

export const serviceAccountDeleted = z.strictObject({
	message: z.literal('Service account deleted successfully'),
});

/** A secret as it is listed: never the secret itself. */
export const clientSecret = z.strictObject({
	id: z.uuid(),
	hint: z.string(),
	created_at: timestamp,
	last_used_at: timestamp.nullable(),
	expires_at: timestamp.nullable(),
});

export const clientSecretList = z.array(clientSecret);

export const createClientSecretRequest = z.strictObject({
	expires_at: wholeSecond('expires_at').optional(),
});

/** The only answer that ever holds the secret. */
export const createdClientSecret = z.strictObject({
	id: z.uuid(),
	client_id: z.uuid(),
	client_secret: z.string(),
	created_at: timestamp,
	expires_at: timestamp.nullable(),
});

export const clientSecretRevoked = z.strictObject({
	message: z.literal('Client secret revoked successfully'),
});

export type ServiceAccount = z.infer<typeof serviceAccount>;
export type ClientSecret = z.infer<typeof clientSecret>;
export type CreatedClientSecret = z.infer<typeof createdClientSecret>;
