import {randomUUID} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type {StoredTerms} from '../../contract/key-terms.ts';
import {plans, type Plan} from '../../contract/organisations.ts';
import {countedOutcomes, type CountedOutcome} from '../../contract/outcomes.ts';
import {queryFor, unsaid} from '../../contract/scope-query.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {
	allChecks,
	decide,
	prepareFacts,
	type KeyFacts,
	type KeyState,
} from '../../core/keys/policy.ts';
import {rulesOf} from '../../core/keys/terms.ts';

const plain: KeyState = {
	keyId: randomUUID(),
	name: 'a key',
	organisationId: randomUUID(),
	plan: 'team',
	createdAt: '2024-01-01T00:00:00Z',
	expiresAt: null,
	revokedAt: null,
	isSuspended: false,
	notBefore: null,
	graceUntil: null,
	lineageId: '7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
};

const facts = (changes: Partial<KeyState>): KeyFacts => prepareFacts({...plain, ...changes});

test('decide: first reason first, and time is judged at the moment of the question', (t) => {
	const now = Date.parse('2024-01-15T10:30:00Z');
	const anyhow = {ip: undefined, origin: undefined};
	const [past, at, future] = [new Date(now - 1), new Date(now), new Date(now + 1)];
	t.is(decide(facts({}), anyhow, now), 'valid');
	t.is(decide(facts({expiresAt: future}), anyhow, now), 'valid');
	t.is(decide(facts({expiresAt: at}), anyhow, now), 'expired', 'S-27: at the instant itself');
	t.is(decide(facts({expiresAt: past}), anyhow, now), 'expired');
	t.is(decide(facts({revokedAt: past}), anyhow, now), 'revoked');
	t.is(decide(facts({revokedAt: future}), anyhow, now), 'revoked', 'whatever another clock wrote');
	t.is(decide(facts({revokedAt: past, expiresAt: past, plan: 'free'}), anyhow, now), 'revoked');
	t.is(decide(facts({isSuspended: true, expiresAt: past, plan: 'free'}), anyhow, now), 'suspended');
	t.is(decide(facts({isSuspended: true, revokedAt: past}), anyhow, now), 'revoked');
	t.is(decide(facts({notBefore: future}), anyhow, now), 'not_yet_valid');
	t.is(decide(facts({notBefore: at}), anyhow, now), 'valid', 'from the instant itself on');
	t.is(decide(facts({notBefore: future, expiresAt: past}), anyhow, now), 'not_yet_valid');
	t.is(decide(facts({notBefore: future, isSuspended: true}), anyhow, now), 'suspended');
	t.is(decide(facts({expiresAt: past, plan: 'free'}), anyhow, now), 'expired');
	t.is(decide(facts({graceUntil: future}), anyhow, now), 'valid', 'beside its successor');
	t.is(decide(facts({graceUntil: at}), anyhow, now), 'rotated');
	t.is(decide(facts({graceUntil: past, expiresAt: past}), anyhow, now), 'expired');
	t.is(decide(facts({graceUntil: past, plan: 'free'}), anyhow, now), 'rotated');
	for (const plan of ['free', 'pro'] satisfies Plan[]) {
		t.is(decide(facts({plan}), anyhow, now), 'plan_inactive');
	}
});

/** What each fact that may refuse a key can be: a new one without a row does not compile. */
type Label = 'keyId' | 'name' | 'organisationId' | 'createdAt' | 'lineageId' | 'labels' | 'checks';
/** What is held against a key later, by Redis: see core/limits. */
type Later = 'limits' | 'quotaAdjustments';
type Judged = Required<Omit<KeyState, Label | Later>>;

const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), {nil: undefined});
const maybeDate = fc.option(fc.integer({min: -2, max: 2}).map((ms) => new Date(ms)));

const terms: {[N in keyof Required<StoredTerms>]: fc.Arbitrary<StoredTerms[N] | undefined>} = {
	scopes: maybe([], ['orders.read'], ['billing.*']),
	ip_allow: maybe(['10.0.0.0/8'], ['::/0']),
	ip_deny: maybe(['10.9.0.0/16'], ['0.0.0.0/0', '::/0']),
	rate_limits: maybe([
		{name: 'burst', limit: 100, window_seconds: 60, burst: 100, cost: 1, auto: true},
	]),
	quota: maybe({limit: 10, period: 'day', reset_day: null, timezone: 'UTC', cost: 1}),
};

const judged: {[N in keyof Judged]: fc.Arbitrary<KeyState[N]>} = {
	plan: fc.constantFrom(...plans, 'team'),
	expiresAt: maybeDate,
	revokedAt: fc.option(fc.constant(new Date(0)), {freq: 2}),
	isSuspended: fc.boolean(),
	notBefore: maybeDate,
	graceUntil: maybeDate,
	rules: fc.option(
		fc.record(terms).map((some) => rulesOf(plain.keyId, JSON.stringify(some))),
		{nil: undefined},
	),
};

/** What limits come to is decided later, by Redis: see core/limits. */
const limitOutcomes = new Set<CountedOutcome>(['rate_limited', 'quota_exceeded']);

const asking: fc.Arbitrary<Asked> = fc.record({
	ip: fc.constant(undefined),
	origin: maybe('10.0.0.1', '10.9.0.1', '2001:db8::1'),
	scopes: maybe(queryFor('orders.read'), queryFor('billing.write'), unsaid),
});

test('the checks that are chosen for a key come to what all of them would come to', (t) => {
	const seen = new Set<CountedOutcome>();
	fc.assert(
		fc.property(fc.record(judged), asking, fc.integer({min: -2, max: 2}), (state, asked, now) => {
			const whole: KeyState = {...plain, ...state};
			const first = allChecks.find((check) => check.refuses(whole, asked, now));
			const outcome = decide(prepareFacts(whole), asked, now);
			seen.add(outcome);
			t.is(outcome, first?.outcome ?? 'valid');
		}),
		{numRuns: 20_000},
	);
	const decided = countedOutcomes.filter((each) => !limitOutcomes.has(each));
	t.deepEqual([...seen].toSorted(), decided.toSorted(), 'each was come to');
});

test('keys share the lists of their checks, and one that carries nothing is asked next to nothing', (t) => {
	const namesOf = ({checks}: KeyFacts) => checks.map(({outcome}) => outcome);
	t.deepEqual(namesOf(facts({})), ['insufficient_scope'], 'since a use may need what no key has');
	t.deepEqual(namesOf(facts({expiresAt: new Date(0)})), ['expired', 'insufficient_scope']);
	t.is(facts({}).checks, facts({name: 'another'}).checks);
	t.is(facts({expiresAt: new Date(0)}).checks, facts({expiresAt: new Date(1)}).checks);
});
