import test from 'ava';
import {countedOutcomes, verificationCodes} from '../../contract/outcomes.ts';
import {briefVerification, fullVerification, keySelf} from '../../contract/verification.ts';
import {labelsOf} from '../../core/keys/labels.ts';
import {prepareFacts, type KeyState} from '../../core/keys/policy.ts';
import {queryFor} from '../../contract/scope-query.ts';
import {rulesOf} from '../../core/keys/terms.ts';
import {
	presentFullVerification,
	presentSelf,
	presentVerification,
} from '../../server/present/verification.ts';

const plain: KeyState = {
	keyId: '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
	name: 'Payments',
	organisationId: '5f0c0a0e-1c51-4c0e-9d5c-0a4b1d2e3f40',
	plan: 'team',
	createdAt: '2026-01-02T03:04:05Z',
	expiresAt: null,
	revokedAt: null,
	isSuspended: false,
	notBefore: null,
	graceUntil: null,
	lineageId: '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
};
const states: KeyState[] = [
	plain,
	{...plain, plan: 'free', expiresAt: new Date('2027-01-02T03:04:05.678Z')},
	{...plain, rules: rulesOf(plain.keyId, '{"scopes": ["a", "b.*"]}')},
	{
		...plain,
		graceUntil: new Date('2026-07-01T00:00:00Z'),
		rules: rulesOf(plain.keyId, '{}', '[["billing", ["a"]]]'),
		labels: labelsOf('[{"id": "payments", "type": "team"}, ["env:prod"], {"plan":"gold"}]'),
	},
	...['', '"', '\\', '</script>', '日本 é', '\n\0\x7f\u2028', '\ud800', '${name}'].map((name) => ({
		...plain,
		name,
	})),
];
const facts = states.map(prepareFacts);
const about = {
	requestId: 'req_1',
	now: Date.parse('2026-06-01T00:00:00Z'),
	source: 'memory',
} as const;

test('what is presented has the members of the contract, in its order', (t) => {
	for (const each of facts) {
		const self = presentSelf(each);
		t.is(JSON.stringify(self), JSON.stringify(keySelf.parse(self)));
	}
	const verdicts = [
		...(['malformed', 'unknown'] as const).map((outcome) => ({outcome, facts: undefined})),
		...countedOutcomes.flatMap((outcome) => facts.map((each) => ({outcome, facts: each}))),
	];
	const seen = new Set<string>();
	for (const verdict of verdicts) {
		const brief = presentVerification(verdict);
		t.is(JSON.stringify(brief), JSON.stringify(briefVerification.parse(brief)));
		for (const scopes of [undefined, queryFor('a')]) {
			const asked = {ip: undefined, origin: undefined, scopes};
			const full = presentFullVerification(verdict, asked, about);
			t.is(JSON.stringify(full), JSON.stringify(fullVerification.parse(full)));
			const isRestricted = verdict.facts?.rules?.scopes !== undefined;
			const isLacking = verdict.outcome === 'insufficient_scope' && scopes !== undefined;
			t.deepEqual(full.missing_scopes, isLacking && isRestricted ? [] : null);
		}
		seen.add(brief.code);
	}
	t.deepEqual([...seen].toSorted(), verificationCodes.toSorted());
});
