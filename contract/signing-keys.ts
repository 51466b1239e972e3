import * as z from 'zod';

/** An Ed25519 public key (RFC 7517, RFC 8037). */
const publicKey = z.strictObject({
	kty: z.literal('OKP'),
	crv: z.literal('Ed25519'),
	x: z.string(),
	use: z.literal('sig'),
	alg: z.literal('EdDSA'),
	kid: z.string(),
});

export const keySet = z.strictObject({keys: z.array(publicKey)});

export type KeySet = z.infer<typeof keySet>;
