import type {KeyPolicyImpact, KeyPolicyImpactCounts} from '../../contract/key-policy-impact.ts';
import {
	type KeyPolicyChanges,
	type KeyPolicyRule,
	type RuleOfKeys,
	rulesOfKeys,
} from '../../contract/key-policies.ts';
import type {Client} from '../client/client.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {type PolicyPlace, readImpact} from './calls.ts';

/* A change of a policy, tried before it is made: what it means for the keys that are there. */

export type Trial = {
	readonly before: KeyPolicyImpactCounts;
	readonly after: KeyPolicyImpactCounts;
	/** Some of those that break a rule then. */
	readonly keys: KeyPolicyImpact['keys'];
};

/** Keys that a question has to choose from for those it names. */
const someKeys = '50';

/**
 * @param names the rules that are tightened
 * @throws {Failure}
 */
export async function tryPolicy(
	client: Pick<Client, 'call'>,
	place: PolicyPlace,
	body: KeyPolicyChanges,
	names: readonly KeyPolicyRule[],
): Promise<Trial> {
	const [rule, ...others] = rulesOfKeys.filter((name) => names.includes(name));
	const narrowed = rule === undefined || others.length > 0 ? {} : {rule};
	const [now, then] = await Promise.all([
		readImpact(client, place, {limit: '1'}),
		readImpact(client, place, {limit: someKeys, ...narrowed}, body),
	]);
	const [before, after] = [now.body.counts, then.body.counts];
	if (before === null || after === null) {
		throw new Failure('unexpected', 'The server did not say how many keys it concerns');
	}
	return {before, after, keys: then.body.keys};
}

/** Keys that are accepted now and are not then. */
export function newlyRefused({before, after}: Trial): number {
	return Math.max(0, after.refused - before.refused);
}

type Broken = {readonly name: RuleOfKeys; readonly count: number; readonly before: number};

/** The rules that more keys break then than now, and how many. */
export function newlyBroken({before, after}: Trial): Broken[] {
	return rulesOfKeys
		.map((name) => ({name, count: after.rules[name], before: before.rules[name]}))
		.filter(({count, before: already}) => count > already);
}

/** `28 keys, 9 of them already`. */
export function brokenText({count, before}: Omit<Broken, 'name'>): string {
	const keys = plural(count, ['key', 'keys']);
	return before === 0 ? keys : `${keys}, ${before.toLocaleString('en')} of them already`;
}

/** `12 keys are refused at once: they have lived longer than 30 days`. */
export function refusedText(count: number): string {
	const keys = plural(count, ['key that works is', 'keys that work are']);
	return `${keys} refused at once, having outlived the longest lifetime`;
}

/** How many keys a question names. */
const mostNamed = 5;

/** Names of keys that break one of the rules; empty where none of them is known. */
export function namesOf(
	{keys}: Trial,
	broken: readonly Broken[],
	isOfAppliance: boolean,
): string[] {
	return keys
		.filter(({breaches}) => breaches.some(({rule}) => broken.some(({name}) => name === rule)))
		.slice(0, mostNamed)
		.map(({name, organization}) => clean(isOfAppliance ? `${name} (${organization.name})` : name));
}
