import * as z from 'zod';
import {keyStatuses} from './key-status.ts';
import {keyTerms} from './key-terms.ts';
import {pageQuery} from './paging.ts';
import {choice, timestamp, wholeParameter} from './text.ts';

/* Which live keys somebody should look after, why, and the one action that mends it. */

/** What mends a finding: each is a call that there is for a key. */
export const mendingActions = ['revoke', 'suspend', 'rotate', 'update'] as const;
export type MendingAction = (typeof mendingActions)[number];

/** A key is not called unused before it is so old, in days. */
export const unusedDays = 7;
/** For how long a key must have been watched before it is said what it does not need, in days. */
export const watchedDays = 30;
/** A scope that was needed in so many days is needed: a job that runs once a month or quarter is none too few. */
export const neededDays = 92;
/** What a key that has no end gets where no policy says, in days. */
export const proposedLifeDays = 365;
/** A key that is used from more networks than that is not bound to them, but replaced. */
export const mostProposedNetworks = 10;

/** Every finding. What mends it is told as an order; of a key that it does not fit, its own action is another. */
export const keyFindings = {
	never_used: {
		title: 'Never used',
		tells: `No use of it was ever accepted, and it could be used for ${unusedDays} days`,
		mends: 'Revoke it',
		action: 'revoke',
	},
	idle: {
		title: 'Idle',
		tells: 'It was used, but not within idle_days; suspended keys are not among them',
		mends: 'Suspend it',
		action: 'suspend',
	},
	no_end: {
		title: 'Without an end',
		tells: 'It has no expires_at, and no key policy that is enforced ends it',
		mends: 'Give it an end',
		action: 'update',
	},
	unrestricted: {
		title: 'Unrestricted',
		tells:
			'It has neither scopes nor roles nor ip_allow: anyone who has it may do everything, from anywhere',
		mends: 'Give it scopes',
		action: 'update',
	},
	expiring: {
		title: 'Expiring',
		tells: 'It ends within expiring_days',
		mends: 'Rotate it',
		action: 'rotate',
	},
	over_privileged: {
		title: 'Over-privileged',
		tells: `It has scopes, its own or by roles, that no use needed in the last ${neededDays} days; only of keys whose uses needed any, and that have been as they are, and watched, for ${watchedDays} days`,
		mends: 'Take away what it does not need',
		action: 'update',
	},
	shared: {
		title: 'Shared',
		tells:
			'It was used from more than most_addresses addresses in the last 30 days, and is bound to no networks',
		mends: 'Bind it to networks, or rotate it',
		action: 'update',
	},
	maker_left: {
		title: 'Made by somebody who left',
		tells: 'The person who made it is no longer a member, or is disabled, and may still know it',
		mends: 'Rotate it',
		action: 'rotate',
	},
} as const satisfies Record<string, FindingRow>;

type FindingRow = {
	/** For lists and headings. */
	title: string;
	tells: string;
	mends: string;
	action: MendingAction;
};

export type KeyFinding = keyof typeof keyFindings;

export const keyFindingNames = Object.keys(keyFindings) as [KeyFinding, ...KeyFinding[]];

/** What is asked for where nobody says. */
export const hygieneDefaults = {idle_days: 90, expiring_days: 30, most_addresses: 10} as const;

/** What counts as what. */
export type HygieneBounds = {[N in keyof typeof hygieneDefaults]: number};

export const keyHygieneQuery = pageQuery.extend({
	/** Only keys of which this is found. */
	finding: choice('finding', keyFindingNames).optional(),
	/** After how many days without a use a key is idle; absent: 90. */
	idle_days: wholeParameter('idle_days', 3650).optional(),
	/** Within how many days a key that ends is expiring; absent: 30. */
	expiring_days: wholeParameter('expiring_days', 3650).optional(),
	/** From how many addresses a key may be used before it is shared; absent: 10. */
	most_addresses: wholeParameter('most_addresses', 99).optional(),
});

const proposedChange = z.strictObject({
	expires_at: timestamp.optional(),
	scopes: z.array(z.string()).optional(),
	roles: z.array(z.string()).optional(),
	ip_allow: z.array(z.string()).optional(),
});

const foundOfKey = z.strictObject({
	finding: z.enum(keyFindingNames),
	/** A sentence about this key. */
	detail: z.string(),
	action: z.strictObject({
		name: z.enum(mendingActions),
		/** Of an update: what to PATCH the key with; null: nothing can be proposed, say it yourself. */
		body: proposedChange.nullable(),
	}),
});

const keyToMend = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	hint: z.string(),
	owner: keyTerms.owner.answer,
	created_at: timestamp,
	last_used_at: timestamp.nullable(),
	/** When it ends, be it by a key policy. */
	expires_at: timestamp.nullable(),
	status: z.enum(keyStatuses),
	/** For `If-Match` of the change that mends it. */
	version: z.int(),
	/** In the order of the findings, each once. */
	findings: z.array(foundOfKey),
});

const hygieneCounts = z.strictObject({
	/** Keys that were looked at: all that live and are not being replaced. */
	keys: z.int(),
	/** Keys of which something is found. */
	affected: z.int(),
	/** Of how many each is found. */
	findings: z.strictObject(
		Object.fromEntries(keyFindingNames.map((name) => [name, z.int()])) as Record<
			KeyFinding,
			z.ZodInt
		>,
	),
});

export const keyHygiene = z.strictObject({
	/** What was asked for, or holds where nobody said. */
	idle_days: z.int(),
	expiring_days: z.int(),
	most_addresses: z.int(),
	/** Since when it is recorded what keys need: before 30 days have passed none is over-privileged. */
	watched_since: timestamp,
	/** Over all keys; null on every page but the first. */
	counts: hygieneCounts.nullable(),
	/** Those of which something is found, oldest first. */
	keys: z.array(keyToMend),
});

export type KeyHygiene = z.infer<typeof keyHygiene>;
export type KeyHygieneCounts = z.infer<typeof hygieneCounts>;
export type KeyToMend = KeyHygiene['keys'][number];
export type ProposedChange = z.infer<typeof proposedChange>;
