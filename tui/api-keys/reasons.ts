import type {RevocationReason, revocationReasons} from '../../contract/keys.ts';

type Reason = (typeof revocationReasons)[number];

/** What each reason of a revocation means; none is given unless one is chosen. */
export const reasonMeanings: Readonly<Record<Reason, string>> = {
	unspecified: 'no reason given',
	key_compromise: 'somebody else has it, or may have',
	superseded: 'another key has taken its place',
	affiliation_changed: 'whoever used it has moved on',
	privilege_withdrawn: 'it should no longer be allowed this',
};

/** Why a key was revoked, to stand after that: ` (key_compromise: somebody else has it, or may have)`. */
export function reasonText(reason: RevocationReason | null): string {
	if (reason === null || reason === 'unspecified') return '';
	const meaning =
		reason === 'self'
			? 'the key asked for it'
			: // A newer server may have more.
				(reasonMeanings as Readonly<Record<string, string>>)[reason];
	return meaning === undefined ? ` (${reason})` : ` (${reason}: ${meaning})`;
}
