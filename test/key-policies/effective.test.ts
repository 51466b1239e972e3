import test from 'ava';
import fc from 'fast-check';
import {
	choicesWhenAway,
	keyPolicyRuleNames,
	keyPolicyRules,
	type KeyPolicy,
} from '../../contract/key-policies.ts';
import type {RequestedTerms} from '../../contract/key-terms.ts';
import {roles} from '../../contract/people.ts';
import type {Quota} from '../../contract/rate-limits.ts';
import {effectivePolicy, unsetPolicy} from '../../core/key-policies/effective.ts';
import {faultOfPolicy, withDefaults} from '../../core/key-policies/rules.ts';

const scopes = ['orders.read', 'orders.*', 'orders.items.*', 'invoices:read', 'invoices:*', '*'];
const days = fc.option(fc.integer({min: 1, max: 400}), {nil: null});
const grace = fc.option(fc.integer({min: 0, max: 100_000}), {nil: null});
const list = fc.uniqueArray(fc.constantFrom(...scopes));

const burst = {name: 'burst', limit: 10, window_seconds: 60, burst: 5, cost: 1, auto: true};
const daily: Quota = {limit: 9, period: 'day', reset_day: null, timezone: 'UTC', cost: 1};

const policies: fc.Arbitrary<KeyPolicy> = fc.record({
	max_lifetime_days: days,
	require_expiry: fc.boolean(),
	default_lifetime_days: days,
	rotate_every_days: days,
	idle_suspend_days: days,
	require_scopes: fc.boolean(),
	scope_catalogue: fc.option(list, {nil: null}),
	privileged_scopes: list,
	require_ip_allow: fc.boolean(),
	default_grace_seconds: grace,
	max_grace_seconds: grace,
	require_if_match: fc.boolean(),
	default_rate_limits: fc.constantFrom([], [burst]),
	default_quota: fc.constantFrom(null, daily),
	when_redis_is_away: fc.constantFrom(null, ...choicesWhenAway),
	applies_to_existing: fc.constantFrom('report', 'enforce'),
});

const now = Date.parse('2030-01-01T00:00:00Z');

const keys: fc.Arbitrary<RequestedTerms> = fc.record({
	expires_at: fc.option(
		fc.integer({min: 1, max: 400}).map((day) => new Date(now + day * 86_400_000)),
		{nil: null},
	),
	scopes: fc.option(fc.uniqueArray(fc.constantFrom(...scopes.slice(0, -1)), {maxLength: 2}), {
		nil: null,
	}),
	ip_allow: fc.constantFrom(null, ['10.0.0.0/8']),
});

/** The members that give something where nobody says, and refuse nothing. */
const defaults = [
	'default_lifetime_days',
	'default_grace_seconds',
	'max_grace_seconds',
	'default_rate_limits',
	'default_quota',
	'when_redis_is_away',
];

test('of two policies a key is refused by what holds exactly if one of them refuses it', (t) => {
	fc.assert(
		fc.property(
			policies,
			policies,
			keys,
			fc.constantFrom('operator', ...roles),
			(own, appliance, terms, role) => {
				const refuses = (policy: KeyPolicy) =>
					faultOfPolicy(policy, role, {organisationId: '', terms}, {roles: [], now}) !== undefined;
				const isRefused = refuses(own) || refuses(appliance);
				t.is(refuses(effectivePolicy(own, appliance)), isRefused);
			},
		),
		{numRuns: 2000},
	);
});

test('what holds is one of the two, whatever their order, and nothing is lost by a policy that asks for nothing', (t) => {
	fc.assert(
		fc.property(policies, policies, (own, appliance) => {
			const both = effectivePolicy(own, appliance);
			const turned = effectivePolicy(appliance, own);
			for (const name of keyPolicyRuleNames) {
				const sorted = (value: unknown) =>
					JSON.stringify(Array.isArray(value) ? value.map(String).toSorted() : value);
				t.is(sorted(both[name]), sorted(turned[name]), name);
				if (defaults.includes(name)) continue;
				t.is(sorted(effectivePolicy(own, unsetPolicy)[name]), sorted(own[name]), name);
			}
			t.true((both.default_lifetime_days ?? 0) <= (both.max_lifetime_days ?? Infinity));
			t.true(Number(both.default_grace_seconds) <= Number(both.max_grace_seconds));
		}),
		{numRuns: 500},
	);
});

test('a key that gets its end from the policy is one that the policy allows', (t) => {
	fc.assert(
		fc.property(policies, policies, keys, (own, appliance, terms) => {
			const policy = effectivePolicy(own, appliance);
			if (policy.default_lifetime_days === null) return;
			const given = withDefaults(policy, {...terms, expires_at: undefined}, now);
			const fault = faultOfPolicy(
				policy,
				'owner',
				{organisationId: '', terms: given},
				{roles: [], now},
			);
			t.not(fault?.field, 'expires_at');
		}),
	);
});

test('a policy that nobody has set asks for nothing', (t) => {
	const effective = effectivePolicy(unsetPolicy, unsetPolicy);
	t.is(
		faultOfPolicy(effective, 'developer', {organisationId: '', terms: {}}, {roles: [], now}),
		undefined,
	);
	t.is(effective.default_grace_seconds, 86_400);
	t.is(effective.max_grace_seconds, 2_592_000);
	for (const name of keyPolicyRuleNames) {
		t.true(keyPolicyRules[name].answer.safeParse(unsetPolicy[name]).success, name);
		t.true(keyPolicyRules[name].request.safeParse(keyPolicyRules[name].example).success, name);
	}
});
