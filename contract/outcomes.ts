import type {ErrorCode} from './errors.ts';

/**
 * What the check of an API key can come to, in the order in which it is checked: the first that
 * applies is told. Whatever names outcomes is made from this table: codes, errors, counts, pages.
 */
export const outcomes = {
	malformed: {
		code: 'MALFORMED',
		check: 'format',
		error: 'unauthorized',
		counted: null,
		label: 'not a key',
		tells: 'Prefix, length or checksum are not those of a key; nothing is looked up',
	},
	unknown: {
		code: 'NOT_FOUND',
		check: 'known',
		error: 'unauthorized',
		counted: null,
		label: 'unknown',
		tells: 'There is no such key, or it belongs to another organization than the caller',
	},
	revoked: {
		code: 'REVOKED',
		check: 'revoked',
		error: 'unauthorized',
		counted: 1,
		label: 'revoked',
		tells: 'The key was revoked',
	},
	suspended: {
		code: 'SUSPENDED',
		check: 'suspended',
		error: 'unauthorized',
		counted: 5,
		label: 'suspended',
		tells: 'The key is suspended, until somebody resumes it',
	},
	not_yet_valid: {
		code: 'NOT_YET_VALID',
		check: 'not_before',
		error: 'unauthorized',
		counted: 7,
		label: 'too early',
		tells: 'The key has not reached its `not_before`',
	},
	expired: {
		code: 'EXPIRED',
		check: 'expiry',
		error: 'unauthorized',
		counted: 2,
		label: 'expired',
		tells: 'The key has reached its `expires_at`',
	},
	rotated: {
		code: 'ROTATED',
		check: 'rotation',
		error: 'unauthorized',
		counted: 8,
		label: 'rotated',
		tells: 'The key was replaced by another one, and its `grace_until` has passed',
	},
	plan_inactive: {
		code: 'PLAN_INACTIVE',
		check: 'plan',
		error: 'plan_required',
		counted: 3,
		label: 'plan without keys',
		tells: 'The organization of the key is not on the Team plan',
	},
	ip_denied: {
		code: 'IP_DENIED',
		check: 'address',
		error: 'ip_denied',
		counted: 4,
		label: 'address',
		tells: 'The key may not be used from this address, or nobody said from which it is used',
	},
	insufficient_scope: {
		code: 'INSUFFICIENT_SCOPE',
		check: 'scopes',
		error: 'insufficient_scope',
		counted: 6,
		label: 'scope',
		tells: 'The key has scopes, and not those that the use needs',
	},
	rate_limited: {
		code: 'RATE_LIMITED',
		check: 'limits',
		error: 'rate_limited',
		counted: 9,
		label: 'rate limit',
		tells:
			'The key, its owner or its organization has no room left in one of its rate limits at this moment',
	},
	quota_exceeded: {
		code: 'QUOTA_EXCEEDED',
		check: 'quota',
		error: 'quota_exceeded',
		counted: 10,
		label: 'quota',
		tells: 'The key, its owner or its organization has used up the quota of the period',
	},
	valid: {
		code: 'VALID',
		check: null,
		error: null,
		counted: 0,
		label: 'accepted',
		tells: 'The key may be used',
	},
} as const satisfies Record<string, OutcomeRow>;

type OutcomeRow = {
	/** As `POST /api/v1/keys/verify` answers it, to a caller who may know. */
	code: string;
	/** Name of the step that leads to it; null: all were passed. */
	check: string | null;
	/** What the key itself is answered; null: it is let in. */
	error: ErrorCode | null;
	/**
	 * Its place among the counts of a key that exists, from 0 without gaps; null: not counted. Counts
	 * are told in the order of their places, so a new one takes the next place.
	 */
	counted: number | null;
	/** A few words, as beside a count. */
	label: string;
	tells: string;
};

type Table = typeof outcomes;

export type Outcome = keyof Table;

/** Those of a key that exists: each is counted. */
export type CountedOutcome = {
	[O in Outcome]: Table[O]['counted'] extends number ? O : never;
}[Outcome];

/** Why a key is not accepted. */
export type Refusal = Exclude<Outcome, 'valid'>;

/** What a key that is not accepted is answered. */
export type RefusalError = Table[Refusal]['error'];

export const outcomeNames = Object.keys(outcomes) as Outcome[];

/** In the order of their places. */
export const countedOutcomes = outcomeNames
	.filter((outcome): outcome is CountedOutcome => outcomes[outcome].counted !== null)
	.toSorted((a, b) => outcomes[a].counted - outcomes[b].counted);

export const verificationCodes = outcomeNames.map((outcome) => outcomes[outcome].code);

/** The steps of the check of a key, in their order. */
export const checkNames = outcomeNames
	.map((outcome) => outcomes[outcome].check)
	.filter((check) => check !== null);

export type CheckName = (typeof checkNames)[number];

/** Every error that the refusal of a key can be, once. */
export const refusalErrors = [
	...new Set(outcomeNames.map((outcome) => outcomes[outcome].error)),
].filter((error): error is RefusalError => error !== null);
