import test from 'ava';
import fc from 'fast-check';
import {outcomeNames} from '../../contract/outcomes.ts';
import {plans} from '../../contract/organisations.ts';
import {prepareFacts, type KeyFacts} from '../../core/keys/policy.ts';
import {writeAsAsked, writeProxiedKey, writeSelf} from '../../server/present/texts.ts';
import {presentAsAsked, presentProxiedKey, presentSelf} from '../../server/present/verification.ts';

const facts: fc.Arbitrary<KeyFacts> = fc
	.record({
		keyId: fc.uuid(),
		name: fc.oneof(
			fc.string(),
			fc.string({unit: 'binary'}),
			fc.constantFrom('"', '\\', '\u007F', '\uD800'),
		),
		organisationId: fc.uuid(),
		plan: fc.constantFrom(...plans),
		expiresAt: fc.option(
			fc.date({min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true}),
		),
	})
	.map((own) =>
		prepareFacts({
			...own,
			lineageId: own.keyId,
			createdAt: '2024-01-15T10:30:00Z',
			revokedAt: null,
			isSuspended: false,
			notBefore: null,
			graceUntil: null,
		}),
	);

test('what is written of a key is what is presented of it, whatever it is called', (t) => {
	const asked = {ip: undefined, origin: undefined};
	const now = Date.parse('2026-01-15T10:30:00Z');
	const about = {requestId: 'req_1', now, source: 'memory'} as const;
	const ofOutcome = fc.constantFrom(...outcomeNames);
	fc.assert(
		fc.property(facts, ofOutcome, fc.boolean(), fc.boolean(), (key, outcome, isKnown, isFull) => {
			t.is(writeSelf(key), JSON.stringify(presentSelf(key)));
			t.is(writeProxiedKey(key), JSON.stringify(presentProxiedKey(key)));
			const decided = {outcome, facts: isKnown ? key : undefined};
			const full = isFull ? about : undefined;
			t.is(
				writeAsAsked(decided, asked, full),
				JSON.stringify(presentAsAsked(decided, asked, full)),
			);
		}),
		{numRuns: 3000},
	);
});
