/** Signature algorithms by family. An issuer has one family, so none can stand in for another. */
const families = {
	RS: ['RS256', 'RS384', 'RS512'],
	PS: ['PS256', 'PS384', 'PS512'],
	ES: ['ES256', 'ES384', 'ES512'],
	EdDSA: ['EdDSA', 'Ed25519'],
	HS: ['HS256'],
} as const;

export type Family = keyof typeof families;
export type Algorithm = (typeof families)[Family][number];

export const algorithms: readonly Algorithm[] = Object.values(families).flat();

/** @returns undefined where they are of several families */
export function familyOf(chosen: readonly Algorithm[]): Family | undefined {
	const found = new Set(
		(Object.keys(families) as Family[]).filter((family) =>
			chosen.some((algorithm) => (families[family] as readonly Algorithm[]).includes(algorithm)),
		),
	);
	return found.size === 1 ? [...found][0] : undefined;
}
