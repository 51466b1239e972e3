import * as z from 'zod';
import {keyPolicy, rulesOfKeys, type RuleOfKeys} from './key-policies.ts';
import {pageQuery} from './paging.ts';
import {timestamp} from './text.ts';

/* What a key policy means for the keys that are there: which of them break which rule of it. */

export const keyPolicyImpactQuery = pageQuery.extend({
	/** Only keys that break this one. */
	rule: z.enum(rulesOfKeys, {error: `rule must be one of ${rulesOfKeys.join(', ')}`}).optional(),
});

const breach = z.strictObject({
	rule: z.enum(rulesOfKeys),
	/** The member of the key that is at fault; null: its age. */
	field: z.string().nullable(),
	/** As whoever makes such a key is told. */
	error: z.string(),
});

const affectedKey = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	hint: z.string(),
	organization: z.strictObject({id: z.uuid(), name: z.string()}),
	created_at: timestamp,
	last_used_at: timestamp.nullable(),
	/** Its own end, whatever a policy says. */
	expires_at: timestamp.nullable(),
	/** Until when it is accepted where the policy is enforced; null: without an end. */
	accepted_until: timestamp.nullable(),
	/** The policy is enforced, and the key has lived too long for it. */
	refused: z.boolean(),
	/** In the order of the rules, each once. */
	breaches: z.array(breach),
});

const count = z.int();

const impactCounts = z.strictObject({
	/** Keys that were looked at: all that are not dead, also those that are suspended or begin later. */
	keys: count,
	/** Keys that break a rule. */
	affected: count,
	/** Keys that have lived longer than `max_lifetime_days`: none is accepted where it is enforced. */
	outlived: count,
	/** Those of them for which it is enforced. */
	refused: count,
	/** How many break each. */
	rules: z.strictObject(
		Object.fromEntries(rulesOfKeys.map((name) => [name, count])) as Record<
			RuleOfKeys,
			typeof count
		>,
	),
});

export const keyPolicyImpact = z.strictObject({
	/** What holds, or would hold; of the appliance, what it asks of every organisation. */
	effective: keyPolicy,
	/** Over all keys; null on every page but the first, which says. */
	counts: impactCounts.nullable(),
	/** Those that break a rule, oldest first. */
	keys: z.array(affectedKey),
});

export type KeyPolicyImpact = z.infer<typeof keyPolicyImpact>;
export type KeyPolicyImpactCounts = z.infer<typeof impactCounts>;
