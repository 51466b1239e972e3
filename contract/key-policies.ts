import * as z from 'zod';
import {maxGraceSeconds} from './rotation.ts';
import {quota, quotaRequest, rateLimit, rateLimits, type RateLimit} from './rate-limits.ts';
import {scopeList} from './scopes.ts';
import {timestamp} from './text.ts';

/** What may become of limits while Redis is away, the tighter first. */
export const choicesWhenAway = ['refuse', 'local', 'allow'] as const;
export type WhenRedisIsAway = (typeof choicesWhenAway)[number];

const noLimits: RateLimit[] = [];

/** How long before a key is suspended for want of use it is told, in days. */
export const noticeDays = 7;

/** What a key policy can ask for, each a member of it. Requests, answers and pages are made from this table. */
export const keyPolicyRules = {
	max_lifetime_days: {
		...days('max_lifetime_days'),
		tells: 'A key must end within so many days of when it is made; null: it need not',
		judgesKeys: true,
	},
	require_expiry: {...flag('require_expiry'), tells: 'Every key has an end', judgesKeys: true},
	default_lifetime_days: {
		...days('default_lifetime_days'),
		tells: 'A key that is made without an end gets one so many days from then; null: it gets none',
	},
	rotate_every_days: {
		...days('rotate_every_days'),
		tells: 'A key should be replaced so many days after it was made; null: it need not be',
		judgesKeys: true,
	},
	idle_suspend_days: {
		...whole('idle_suspend_days', noticeDays + 1, 3650),
		unset: null,
		example: 90,
		tells: `A key that was not used, begun, changed or resumed for so many days is suspended, ${noticeDays} days after it was told; null: none is`,
		judgesKeys: true,
	},
	require_scopes: {
		...flag('require_scopes'),
		tells: 'Every key is restricted to scopes',
		judgesKeys: true,
	},
	scope_catalogue: {
		request: scopeList('scope_catalogue'),
		answer: z.array(z.string()).nullable(),
		unset: null,
		example: ['orders.*', 'invoices.read'],
		tells: 'Each scope of a key must be covered by one of these; null: any may be given',
		judgesKeys: true,
	},
	privileged_scopes: {
		request: scopeList('privileged_scopes'),
		answer: z.array(z.string()),
		unset: [],
		example: ['invoices.*'],
		tells:
			'Only owners and admins give a key any of these; a key without scopes may do everything, and has them all',
	},
	require_ip_allow: {
		...flag('require_ip_allow'),
		tells: 'Every key is bound to addresses by ip_allow',
		judgesKeys: true,
	},
	default_grace_seconds: {
		...seconds('default_grace_seconds'),
		tells:
			'How long a key that is rotated is accepted beside its successor where nobody says; null: 86400',
	},
	max_grace_seconds: {
		...seconds('max_grace_seconds'),
		tells: 'How long at most a key that is rotated is accepted beside its successor; null: 2592000',
	},
	require_if_match: {
		...flag('require_if_match'),
		tells: 'A change of a key must say in If-Match which version it is meant for',
	},
	default_rate_limits: {
		request: rateLimits('default_rate_limits'),
		answer: z.array(rateLimit),
		unset: noLimits,
		example: [{name: 'burst', limit: 100, window_seconds: 60}],
		tells: 'The rate_limits of a key that is made without any; []: it gets none',
	},
	default_quota: {
		request: quotaRequest('default_quota'),
		answer: quota.nullable(),
		unset: null,
		example: {limit: 50_000, period: 'month', timezone: 'Europe/Berlin'},
		tells: 'The quota of a key that is made without one; null: it gets none',
	},
	when_redis_is_away: {
		request: z
			.enum(choicesWhenAway, {
				error: `when_redis_is_away must be one of ${choicesWhenAway.join(', ')}, or null`,
			})
			.nullable(),
		answer: z.enum(choicesWhenAway).nullable(),
		unset: null,
		example: 'refuse',
		tells:
			'What becomes of limits and quotas while Redis cannot be asked: local: each server keeps its share of them; refuse: keys that have any are answered 503; allow: nothing is limited; null: local',
	},
	applies_to_existing: {
		request: z
			.enum(['report', 'enforce'], {error: 'applies_to_existing must be report or enforce'})
			.nullable(),
		answer: z.enum(['report', 'enforce']),
		unset: 'report',
		example: 'enforce',
		tells:
			'enforce: a key is accepted no longer than max_lifetime_days after it was made, whatever it carries; report: what exists stays as it is, and is reported',
	},
} as const satisfies Record<string, RuleRow>;

type RuleRow = {
	/** As a request gives it; null: as it is where nobody has set it. */
	request: z.ZodType;
	answer: z.ZodType;
	/** What it is where nobody has set it. */
	unset: unknown;
	/** For pages, as a request writes it. */
	example: unknown;
	tells: string;
	/** A key that is there can break it; of the others, whoever makes, changes or rotates one. */
	judgesKeys?: true;
};

type Table = typeof keyPolicyRules;

export type KeyPolicyRule = keyof Table;
export type KeyPolicy = {[N in KeyPolicyRule]: z.output<Table[N]['answer']>};

export const keyPolicyRuleNames = Object.keys(keyPolicyRules) as [
	KeyPolicyRule,
	...KeyPolicyRule[],
];

/** The rules that a key can break by being as it is. */
export type RuleOfKeys = {
	[N in KeyPolicyRule]: Table[N] extends {judgesKeys: true} ? N : never;
}[KeyPolicyRule];

export const rulesOfKeys = keyPolicyRuleNames.filter(
	(name) => 'judgesKeys' in keyPolicyRules[name],
) as [RuleOfKeys, ...RuleOfKeys[]];

export const keyPolicy = z.strictObject(
	mapRules((rule) => rule.answer) as {[N in KeyPolicyRule]: Table[N]['answer']},
);

/** What is not named stays as it is (RFC 7396). */
export const updateKeyPolicyRequest = z.strictObject(
	mapRules((rule) => rule.request.optional()) as {
		[N in KeyPolicyRule]: z.ZodOptional<Table[N]['request']>;
	},
);

export const keyPolicyState = z.strictObject({
	/** What was set here. */
	own: keyPolicy,
	/** What the appliance asks of every organisation; null: this is the appliance's. */
	appliance: keyPolicy.nullable(),
	/** What holds: of both the tighter, member by member. */
	effective: keyPolicy,
	/** Null: nobody has set anything. */
	updated_at: timestamp.nullable(),
});

export type KeyPolicyChanges = z.output<typeof updateKeyPolicyRequest>;
export type KeyPolicyState = z.infer<typeof keyPolicyState>;

function mapRules<T>(make: (rule: RuleRow & {request: z.ZodType}) => T): Record<KeyPolicyRule, T> {
	return Object.fromEntries(
		keyPolicyRuleNames.map((name) => [name, make(keyPolicyRules[name])]),
	) as Record<KeyPolicyRule, T>;
}

function days(field: string) {
	return {...whole(field, 1, 3650), unset: null, example: 90} as const;
}

function seconds(field: string) {
	return {...whole(field, 0, maxGraceSeconds), unset: null, example: 3600} as const;
}

function whole(field: string, least: number, most: number) {
	const error = `${field} must be a whole number from ${least} to ${most}, or null`;
	return {
		request: z.int({error}).min(least, {error}).max(most, {error}).nullable(),
		answer: z.int().nullable(),
	};
}

function flag(field: string) {
	return {
		request: z.boolean({error: `${field} must be true or false`}).nullable(),
		answer: z.boolean(),
		unset: false,
		example: true,
	} as const;
}
