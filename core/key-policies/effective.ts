import {
	choicesWhenAway,
	keyPolicyRuleNames,
	keyPolicyRules,
	type KeyPolicy,
	type WhenRedisIsAway,
} from '../../contract/key-policies.ts';
import {defaultGraceSeconds, maxGraceSeconds} from '../../contract/rotation.ts';
import {coversScope} from '../../contract/scopes.ts';

/** What a policy is that nobody has set. */
export const unsetPolicy = Object.fromEntries(
	keyPolicyRuleNames.map((name) => [name, keyPolicyRules[name].unset]),
) as unknown as KeyPolicy;

type Tighter = {[N in keyof KeyPolicy]: (one: KeyPolicy[N], other: KeyPolicy[N]) => KeyPolicy[N]};

const tighter: Tighter = {
	max_lifetime_days: least,
	require_expiry: either,
	default_lifetime_days: least,
	rotate_every_days: least,
	idle_suspend_days: least,
	require_scopes: either,
	scope_catalogue: inBoth,
	privileged_scopes: (one, other) => [...new Set([...one, ...other])],
	require_ip_allow: either,
	default_grace_seconds: least,
	max_grace_seconds: least,
	require_if_match: either,
	// Of what a key is given there is no tighter: an organisation's own comes before the appliance's.
	default_rate_limits: (own, appliance) => (own.length > 0 ? own : appliance),
	default_quota: (own, appliance) => own ?? appliance,
	when_redis_is_away: tighterWhenAway,
	applies_to_existing: (one, other) => (one === 'enforce' ? one : other),
};

/**
 * What holds of two policies: of both the tighter, member by member, so that an organisation can ask
 * for more than the appliance, and never for less.
 */
export function effectivePolicy(own: KeyPolicy, appliance: KeyPolicy): KeyPolicy {
	const both = Object.fromEntries(
		keyPolicyRuleNames.map((name) => [name, combine(name, own, appliance)]),
	) as KeyPolicy;
	const longest = both.max_grace_seconds ?? maxGraceSeconds;
	return {
		...both,
		// What is given where nobody says must itself be allowed.
		default_lifetime_days:
			both.default_lifetime_days && least(both.default_lifetime_days, both.max_lifetime_days),
		default_grace_seconds: Math.min(both.default_grace_seconds ?? defaultGraceSeconds, longest),
		max_grace_seconds: longest,
		when_redis_is_away: both.when_redis_is_away ?? 'local',
	};
}

function combine<N extends keyof KeyPolicy>(name: N, own: KeyPolicy, appliance: KeyPolicy) {
	return tighter[name](own[name], appliance[name]);
}

function least(one: number | null, other: number | null): number | null {
	if (one === null || other === null) return one ?? other;
	return Math.min(one, other);
}

/** In the order of the contract. */
function tighterWhenAway(one: WhenRedisIsAway | null, other: WhenRedisIsAway | null) {
	return choicesWhenAway.find((choice) => choice === one || choice === other) ?? null;
}

function either(one: boolean, other: boolean): boolean {
	return one || other;
}

/** The scopes that both catalogues cover: of two that overlap one covers the other. */
function inBoth(one: string[] | null, other: string[] | null): string[] | null {
	if (one === null || other === null) return one ?? other;
	const covered = (scopes: string[], by: string[]) =>
		scopes.filter((scope) => by.some((each) => coversScope(each, scope)));
	return [...new Set([...covered(one, other), ...covered(other, one)])];
}

/** Of two scopes of keys, whether there is something that both give. */
export function overlaps(one: string, other: string): boolean {
	return coversScope(one, other) || coversScope(other, one);
}
