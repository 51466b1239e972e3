import {isDeepStrictEqual} from 'node:util';
import {
	keyPolicyRuleNames,
	keyPolicyRules,
	type KeyPolicy,
	type KeyPolicyRule,
	type KeyPolicyState,
} from '../../contract/key-policies.ts';
import {rules, type Rule} from './rules.ts';

/* A key policy rule by rule: what holds, and who asks for it. */

/** Who asks for what holds; nobody: it is as it is where a policy says nothing. */
export type Origin = 'organisation' | 'appliance' | 'both' | 'nobody';

export type RuleState = {
	readonly name: KeyPolicyRule;
	readonly rule: Rule;
	readonly effective: unknown;
	/** What was set here; undefined: nothing. */
	readonly own: unknown;
	/** What the appliance asks for; undefined: nothing, or this is its own policy. */
	readonly appliance: unknown;
	readonly origin: Origin;
	/** Something else holds than what was set here: the appliance, or another rule, is tighter. */
	readonly isOverruled: boolean;
};

/** Every rule, in the order of the contract. */
export function ruleStates(state: KeyPolicyState): RuleState[] {
	return keyPolicyRuleNames.map((name) => {
		const own = valueSet(state.own, name);
		const appliance = state.appliance === null ? undefined : valueSet(state.appliance, name);
		const effective = state.effective[name];
		const origin = originOf(state, {own, appliance, effective});
		const isOverruled = own !== undefined && !isDeepStrictEqual(own, effective);
		return {name, rule: ruleOf(name), effective, own, appliance, origin, isOverruled};
	});
}

/** As a row of any rule: TypeScript cannot pair a name with its value by index. */
export function ruleOf(name: KeyPolicyRule): Rule {
	return rules[name];
}

function valueSet(policy: KeyPolicy, name: KeyPolicyRule): unknown {
	const value = policy[name];
	return isDeepStrictEqual(value, keyPolicyRules[name].unset) ? undefined : value;
}

function originOf(
	state: KeyPolicyState,
	{own, appliance, effective}: Pick<RuleState, 'own' | 'appliance' | 'effective'>,
): Origin {
	if (state.appliance === null) return own === undefined ? 'nobody' : 'appliance';
	if (appliance === undefined) return own === undefined ? 'nobody' : 'organisation';
	if (own === undefined || isDeepStrictEqual(own, appliance)) {
		return own === undefined ? 'appliance' : 'both';
	}
	if (isDeepStrictEqual(effective, own)) return 'organisation';
	return isDeepStrictEqual(effective, appliance) ? 'appliance' : 'both';
}

/** The rules of which `after` asks for more than `before`. */
export function tightened(before: KeyPolicy, after: Partial<KeyPolicy>): KeyPolicyRule[] {
	return keyPolicyRuleNames.filter((name) => {
		const value = after[name];
		return value !== undefined && ruleOf(name).tightens(before[name], value);
	});
}
