import {createPublicKey, type KeyObject, type webcrypto} from 'node:crypto';
import * as z from 'zod';
import type {Algorithm} from './algorithms.ts';

/** A set that is not used at all. The text says why; it never holds what the provider sent. */
export class KeySetFault extends Error {}

export type ProviderKeySet = {
	/**
	 * The public key for a signature: of those that fit the algorithm the one with the key id, or the
	 * only one where a token names none. Keys of several algorithms may share an id (RFC 7517, 4.5).
	 *
	 * @returns undefined where the set has none, or leaves a choice
	 */
	find: (kid: string | undefined, algorithm: Algorithm) => KeyObject | undefined;
};

const mostKeys = 100;
const leastModulusBits = 2048;
/** Checking a signature costs with the square of it. */
const mostModulusBits = 8192;
const leastExponent = 65_537n;

const jwk = z.looseObject({
	kty: z.string(),
	kid: z.string().min(1).max(256).optional(),
	use: z.string().optional(),
	alg: z.string().optional(),
	key_ops: z.array(z.string()).optional(),
});
const jwks = z.looseObject({keys: z.array(jwk).max(mostKeys)});

type Jwk = z.output<typeof jwk>;
type Entry = {kid: string | undefined; alg: string | undefined; key: KeyObject};

/**
 * A JWK Set (RFC 7517, 5). One bad key spoils the set: whoever publishes it has lost control of it,
 * or is not who they should be. Kinds of keys that nobody here asks for are passed over.
 *
 * @throws {KeySetFault}
 */
export function readKeySet(value: unknown): ProviderKeySet {
	const parsed = jwks.safeParse(value);
	if (!parsed.success) throw new KeySetFault('it is not a JWK Set');
	const entries = parsed.data.keys.map(readKey).filter((entry) => entry !== undefined);
	return {
		find(kid, algorithm) {
			const fitting = entries.filter(
				(entry) => (kid === undefined || entry.kid === kid) && fits(entry, algorithm),
			);
			// A key that says it is for this algorithm goes before one that says nothing.
			const named = fitting.filter(({alg}) => alg !== undefined);
			const [first, ...others] = named.length > 0 ? named : fitting;
			return others.every(({key}) => first?.key.equals(key)) ? first?.key : undefined;
		},
	};
}

/** @returns undefined for a key that is not for signatures, or of an unknown kind */
function readKey(given: Jwk): Entry | undefined {
	if (given.kty === 'oct') throw new KeySetFault('it holds a symmetric key');
	if (['d', 'p', 'q', 'k'].some((member) => Object.hasOwn(given, member))) {
		throw new KeySetFault('it holds a private key');
	}
	if (!['RSA', 'EC', 'OKP'].includes(given.kty)) return undefined;
	const key = importKey(given);
	if (key === undefined) return undefined;
	if (key.asymmetricKeyType === 'rsa') checkRsa(key);
	if (given.use !== undefined && given.use !== 'sig') return undefined;
	if (given.key_ops !== undefined && !given.key_ops.includes('verify')) return undefined;
	return {kid: given.kid, alg: given.alg, key};
}

function importKey(given: Jwk): KeyObject | undefined {
	try {
		return createPublicKey({key: given as webcrypto.JsonWebKey, format: 'jwk'});
	} catch {
		// A curve that Node does not know is not a fault; an RSA key that cannot be read is.
		if (given.kty === 'RSA') throw new KeySetFault('an RSA key cannot be read');
		return undefined;
	}
}

function checkRsa(key: KeyObject): void {
	const {modulusLength = 0, publicExponent = 0n} = key.asymmetricKeyDetails ?? {};
	if (modulusLength < leastModulusBits || modulusLength > mostModulusBits) {
		throw new KeySetFault(`an RSA key has ${modulusLength} bits`);
	}
	if (publicExponent < leastExponent || publicExponent % 2n === 0n) {
		throw new KeySetFault('an RSA key has a weak exponent');
	}
}

const curves: Partial<Record<Algorithm, string>> = {
	ES256: 'prime256v1',
	ES384: 'secp384r1',
	ES512: 'secp521r1',
};

function fits({alg, key}: Entry, algorithm: Algorithm): boolean {
	if (alg !== undefined && alg !== algorithm) return false;
	const {asymmetricKeyType: type, asymmetricKeyDetails: details} = key;
	if (/^[RP]S/.test(algorithm)) return type === 'rsa';
	if (algorithm.startsWith('ES')) {
		return type === 'ec' && details?.namedCurve === curves[algorithm];
	}
	return type === 'ed25519';
}
