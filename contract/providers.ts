import * as z from 'zod';

export const identityProvider = z.strictObject({name: z.string()});
export const identityProviders = z.array(identityProvider);

export const deviceRequest = z.strictObject({
	provider: z
		.string({error: 'provider is required'})
		.min(1, {error: 'provider is required'})
		.max(40, {error: 'provider is too long'}),
});

/** A login that is approved elsewhere, as RFC 8628 (3.2) has it. Times in seconds. */
export const deviceLogin = z.strictObject({
	device_code: z.string(),
	user_code: z.string(),
	verification_uri: z.string(),
	verification_uri_complete: z.string().optional(),
	expires_in: z.int(),
	interval: z.int(),
});

export const deviceTokenRequest = z.strictObject({
	device_code: z
		.string({error: 'device_code is required'})
		.min(1, {error: 'device_code is required'})
		.max(512, {error: 'device_code is too long'}),
});

export type DeviceLogin = z.infer<typeof deviceLogin>;
