import test from 'ava';
import {verificationCodes} from '../../contract/verification.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {
	presentSelf,
	presentVerification,
	selfText,
	verificationText,
} from '../../server/http/present-verification.ts';

const plain: KeyFacts = {
	keyId: '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
	name: 'Payments',
	organisationId: '5f0c0a0e-1c51-4c0e-9d5c-0a4b1d2e3f40',
	plan: 'team',
	createdAt: '2026-01-02T03:04:05.678Z',
	expiresAt: null,
	revokedAt: null,
};
const facts: KeyFacts[] = [
	plain,
	{...plain, plan: 'free', expiresAt: new Date('2027-01-02T03:04:05.678Z')},
	...['', '"', '\\', '</script>', '日本 é', '\n\0\x7f\u2028', '\ud800', '${name}'].map((name) => ({
		...plain,
		name,
	})),
];

test('the texts are the JSON of what is presented', (t) => {
	for (const each of facts) t.is(selfText(each), JSON.stringify(presentSelf(each)));
	const verdicts = [
		...(['malformed', 'unknown'] as const).map((outcome) => ({outcome, facts: undefined})),
		...(['valid', 'revoked', 'expired', 'plan_inactive'] as const).flatMap((outcome) =>
			facts.map((each) => ({outcome, facts: each})),
		),
	];
	const seen = new Set<string>();
	for (const verdict of verdicts) {
		const presented = presentVerification(verdict);
		t.is(verificationText(verdict), JSON.stringify(presented));
		seen.add(presented.code);
	}
	t.deepEqual([...seen].toSorted(), [...verificationCodes].toSorted());
});
