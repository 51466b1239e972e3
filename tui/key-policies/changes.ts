import {isDeepStrictEqual} from 'node:util';
import {
	keyPolicyRuleNames,
	keyPolicyRules,
	type KeyPolicy,
	updateKeyPolicyRequest,
} from '../../contract/key-policies.ts';
import {ruleOf} from './state.ts';

type Texts = Readonly<Record<string, string>>;

/** A policy as the texts of its rules; empty for a rule that nobody has set. */
export function textsOf(policy: KeyPolicy): Record<string, string> {
	const texts = keyPolicyRuleNames.map((name) => {
		const rule = ruleOf(name);
		const isUnset = isDeepStrictEqual(policy[name], keyPolicyRules[name].unset);
		return [name, isUnset && rule.options === undefined ? '' : rule.write(policy[name])];
	});
	return Object.fromEntries(texts) as Record<string, string>;
}

/**
 * What the texts of some rules ask for, what is wrong with them, and what each means. An empty one takes
 * its rule back.
 */
export function readRules(texts: Texts) {
	const values: Partial<Record<keyof KeyPolicy, unknown>> = {};
	const problems: Record<string, string> = {};
	const meanings: Record<string, string> = {};
	for (const name of keyPolicyRuleNames) {
		const text = texts[name]?.trim();
		if (text === undefined) continue;
		const reading = text === '' ? {value: keyPolicyRules[name].unset} : ruleOf(name).read(text, 0);
		if ('problem' in reading) problems[name] = reading.problem;
		else values[name] = reading.value;
		if ('means' in reading) meanings[name] = reading.means;
	}
	const {error} = updateKeyPolicyRequest.safeParse(values);
	for (const {path, message} of error?.issues ?? []) problems[String(path[0])] ??= message;
	return {values: values as Partial<KeyPolicy>, problems, meanings};
}
