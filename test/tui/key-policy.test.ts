import test from 'ava';
import fc from 'fast-check';
import {
	choicesWhenAway,
	keyPolicyRuleNames,
	type KeyPolicy,
	type KeyPolicyState,
	rulesOfKeys,
	updateKeyPolicyRequest,
} from '../../contract/key-policies.ts';
import type {KeyPolicyImpactCounts} from '../../contract/key-policy-impact.ts';
import type {Quota} from '../../contract/rate-limits.ts';
import {effectivePolicy, unsetPolicy} from '../../core/key-policies/effective.ts';
import {top} from '../../tui/app/navigation.ts';
import {readRules, textsOf} from '../../tui/key-policies/changes.ts';
import {ruleOf, ruleStates, tightened} from '../../tui/key-policies/state.ts';
import {type Driven, loggedIn, me, organisation, start, unused} from './driven.ts';

/* Key policies in the console: how their rules are written, who asks for what, and what is asked first. */

const scopeLists = fc.uniqueArray(
	fc.constantFrom('orders.*', 'orders.read', 'invoices.read', 'a:b'),
);
const daysOrNone = fc.option(fc.integer({min: 1, max: 3650}));
const secondsOrNone = fc.option(fc.integer({min: 0, max: 2_592_000}));

const burst = {name: 'burst', limit: 10, window_seconds: 60, burst: 5, cost: 1, auto: true};
const daily: Quota = {limit: 9, period: 'day', reset_day: null, timezone: 'UTC', cost: 1};

const policies: fc.Arbitrary<KeyPolicy> = fc.record({
	max_lifetime_days: daysOrNone,
	require_expiry: fc.boolean(),
	default_lifetime_days: daysOrNone,
	rotate_every_days: daysOrNone,
	idle_suspend_days: fc.option(fc.integer({min: 8, max: 3650})),
	require_scopes: fc.boolean(),
	scope_catalogue: fc.option(scopeLists),
	privileged_scopes: scopeLists,
	require_ip_allow: fc.boolean(),
	default_grace_seconds: secondsOrNone,
	max_grace_seconds: secondsOrNone,
	require_if_match: fc.boolean(),
	default_rate_limits: fc.constantFrom([], [burst]),
	default_quota: fc.constantFrom(null, daily),
	when_redis_is_away: fc.constantFrom(null, ...choicesWhenAway),
	applies_to_existing: fc.constantFrom('report', 'enforce'),
});

function stateOf(own: KeyPolicy, appliance: KeyPolicy = unsetPolicy): KeyPolicyState {
	return {own, appliance, effective: effectivePolicy(own, appliance), updated_at: null};
}

test('what a form is filled with is read as the policy that it is', (t) => {
	fc.assert(
		fc.property(policies, (policy) => {
			const {values, problems} = readRules(textsOf(policy));
			t.deepEqual(problems, {});
			t.deepEqual(values, policy);
			t.true(updateKeyPolicyRequest.safeParse(values).success);
		}),
	);
});

test('what the commands print of a rule is read as the same', (t) => {
	fc.assert(
		fc.property(policies, (policy) => {
			for (const name of keyPolicyRuleNames) {
				const rule = ruleOf(name);
				t.like(rule.read(rule.write(policy[name]), start), {value: policy[name]}, name);
			}
		}),
	);
});

test('a policy is tighter where more is asked for, whatever the appliance asks', (t) => {
	t.deepEqual(tightened(unsetPolicy, unsetPolicy), []);
	fc.assert(
		fc.property(policies, policies, (before, after) => {
			for (const name of tightened(before, after)) {
				t.deepEqual(tightened(before, {[name]: before[name]}), [], 'the same is not tighter');
				const both = effectivePolicy(before, {...before, [name]: after[name]})[name];
				t.notDeepEqual(both, before[name], `${name}: of both the tighter is another one`);
			}
		}),
	);
	const catalogue = (scope_catalogue: string[] | null) => ({...unsetPolicy, scope_catalogue});
	t.deepEqual(tightened(catalogue(['orders.read']), catalogue(['orders.*'])), []);
	t.deepEqual(tightened(catalogue(['orders.*']), catalogue(['orders.read'])), ['scope_catalogue']);
	t.deepEqual(tightened(catalogue(['orders.*']), catalogue(null)), []);
});

test('each rule says who asks for it, and where what was set does not hold', (t) => {
	const own = {...unsetPolicy, max_lifetime_days: 90, rotate_every_days: 30, require_scopes: true};
	const floor = {
		...unsetPolicy,
		max_lifetime_days: 30,
		rotate_every_days: 60,
		require_scopes: true,
	};
	const states = ruleStates(stateOf(own, {...floor, require_expiry: true}));
	const of = (name: string) => {
		const found = states.find((each) => each.name === name);
		return [found?.origin, found?.isOverruled];
	};
	t.deepEqual(of('max_lifetime_days'), ['appliance', true]);
	t.deepEqual(of('rotate_every_days'), ['organisation', false]);
	t.deepEqual(of('require_scopes'), ['both', false]);
	t.deepEqual(of('require_expiry'), ['appliance', false]);
	t.deepEqual(of('scope_catalogue'), ['nobody', false]);
	t.deepEqual(of('max_grace_seconds'), ['nobody', false], 'the bound that there is anyway');
	const alone = ruleStates({...stateOf(floor), appliance: null});
	t.deepEqual(
		alone.filter(({origin}) => origin !== 'nobody').map(({name, origin}) => [name, origin]),
		[
			['max_lifetime_days', 'appliance'],
			['rotate_every_days', 'appliance'],
			['require_scopes', 'appliance'],
		],
	);
});

function counts(given: Partial<KeyPolicyImpactCounts['rules']> = {}, refused = 0) {
	const none = Object.fromEntries(rulesOfKeys.map((name) => [name, 0]));
	const rules = {...none, ...given} as KeyPolicyImpactCounts['rules'];
	return {keys: 9, affected: 0, outlived: refused, refused, rules};
}

/** In the form of a policy, on its first field. */
function editing(own: KeyPolicy = unsetPolicy): Driven {
	const driven = loggedIn([unused]);
	driven.press(':').write('key policy').press('enter', 'e');
	const place = {org_id: organisation.id};
	const read = {list: 'organisationPolicy', place, state: stateOf(own), tag: '"1"'} as const;
	return driven.send({type: 'policyReadToChange', read});
}

function tried(driven: Driven, before = counts(), after = before): Driven {
	const of = driven.effects.find((effect) => effect.do === 'tryPolicy');
	if (of === undefined) throw new Error('nothing was tried');
	return driven.send({type: 'policyTried', of, trial: {before, after, keys: []}});
}

function factsOf({model}: Driven): string[] {
	const screen = top(model);
	return screen.type === 'confirm' ? screen.facts.map(([text]) => text) : [];
}

test('what is not tighter is sent at once, with the tag of what was read', (t) => {
	const driven = editing({...unsetPolicy, max_lifetime_days: 90});
	driven.press('ctrl-u').write('1000d').press('ctrl-x');
	t.like(driven.effects[0], {
		do: 'change',
		change: {
			route: 'updateKeyPolicy',
			input: {org_id: organisation.id, body: {max_lifetime_days: 1000}, ifMatch: '"1"'},
		},
	});
	const same = editing({...unsetPolicy, max_lifetime_days: 90});
	same.press('ctrl-u').write('90').press('ctrl-x');
	t.deepEqual(same.effects, []);
	t.regex(same.model.notice?.text ?? '', /^Nothing was changed: the policy asks for all of this/);
});

test('what is tighter is tried first; without a key that minds it goes on without a question', (t) => {
	const driven = editing();
	driven.write('90d').press('ctrl-x');
	t.like(driven.effects[0], {do: 'tryPolicy', body: {max_lifetime_days: 90}});
	tried(driven, counts({require_expiry: 4}));
	t.like(driven.effects[0], {do: 'change', change: {input: {body: {max_lifetime_days: 90}}}});
	driven.answers({});
	t.is(top(driven.model).type, 'keyPolicy');
});

test('the question counts what breaks a rule then, and what does already', (t) => {
	const driven = editing({...unsetPolicy, max_lifetime_days: 400});
	driven.press('ctrl-u').write('90d').press('ctrl-x');
	const before = counts({max_lifetime_days: 3, require_expiry: 4});
	tried(driven, before, counts({max_lifetime_days: 1204, require_expiry: 4}));
	t.deepEqual(factsOf(driven), [
		'Longest lifetime: 90 days (400 days before)',
		'',
		'Longest lifetime: broken by 1,204 keys, 3 of them already',
		'They go on working as they are.',
	]);
	driven.now += 300;
	driven.agree().answers({});
	t.is(top(driven.model).type, 'keyPolicy', 'question and form are closed');
});

test('of keys that nobody uses it is said what becomes of them', (t) => {
	const driven = editing();
	driven.press('tab', 'tab', 'tab', 'tab').write('90d').press('ctrl-x');
	t.like(driven.effects[0], {do: 'tryPolicy', body: {idle_suspend_days: 90}});
	tried(driven, counts(), counts({idle_suspend_days: 12}));
	t.deepEqual(factsOf(driven).slice(-2), [
		'Suspend unused: broken by 12 keys',
		'Those that nobody uses are suspended in 7 days, when they were told of.',
	]);
});

test('enforce is asked about even where no key is refused, or where that is not known', (t) => {
	const enforcing = () => {
		const driven = editing({...unsetPolicy, max_lifetime_days: 90});
		return driven.press('tab', 'tab', 'tab', 'tab', 'tab', 'right', 'ctrl-x');
	};
	const none = tried(enforcing());
	t.is(factsOf(none).at(-1), 'No working key is refused or breaks a rule because of it.');
	const unknown = enforcing();
	const of = unknown.effects.find((effect) => effect.do === 'tryPolicy');
	if (of === undefined) throw new Error('nothing was tried');
	unknown.send({type: 'policyTried', of});
	t.regex(factsOf(unknown).at(-1) ?? '', /could not be read/);
	const many = tried(enforcing(), counts(), counts({}, 12));
	const screen = top(many.model);
	t.is(screen.type === 'confirm' ? screen.word : undefined, 'refuse 12');
	t.true(factsOf(many).some((text) => text.startsWith('! 12 keys that work are refused at once')));
});

test('who only reads is told who may change it', (t) => {
	const driven = loggedIn([unused], {...me, operator: false, role: 'viewer'});
	driven.press(':').write('key policy').press('enter', 'e');
	t.deepEqual(driven.effects, []);
	t.is(driven.model.notice?.text, 'Only admins and owners change the key policy');
});
