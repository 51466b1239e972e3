import * as z from 'zod';
import {countedOutcomes, type CountedOutcome} from './outcomes.ts';
import {keyStatuses} from './key-status.ts';
import {answeredTerms, answersIn, changedTerms, requestedTerms, termNames} from './key-terms.ts';
import {maxNoteLength, name, timestamp} from './text.ts';

/** Terms are extensions: a key that is made without them does not expire. */
export const createKeyRequest = z.strictObject({name: name('name'), ...requestedTerms});

/** A key as it is listed. Member order is part of the contract; `key` is never here. */
export const key = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	created_at: timestamp,
	last_used_at: timestamp.nullable(),
	revoked_at: timestamp.nullable(),
});

/** The answer to a request that names no terms; with the next one the only ones that hold the key itself. */
export const createdKey = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	key: z.string(),
	created_at: timestamp,
	last_used_at: z.null(),
	revoked_at: z.null(),
});

/** The documented members, then the terms that the request named. */
export const createdKeyWithTerms = z.strictObject({...createdKey.shape, ...answeredTerms});

/** What is not named stays as it is (RFC 7396). */
export const updateKeyRequest = z.strictObject({name: name('name').optional(), ...changedTerms});

/** What can be changed of a key. */
export const changedMember = z.enum(['name', ...termNames]);

/** As they were before a change. */
export const previousMembers = z.strictObject({name: z.string().optional(), ...answeredTerms});

/** Why a key is suspended, for whoever meets it later. */
export const suspendKeyRequest = z.strictObject({
	reason: name('reason', maxNoteLength).nullable().optional(),
});

const detailedMembers = {...key.shape, hint: z.string(), ...answersIn('full')};

/** Why a key is revoked, as a request may say (after RFC 5280, 5.3.1). */
export const revocationReasons = [
	'unspecified',
	'key_compromise',
	'superseded',
	'affiliation_changed',
	'privilege_withdrawn',
] as const;

/** As they are kept; `self`: the key itself asked for it; `rotation`: another one took its place. */
export const keptReasons = [...revocationReasons, 'self', 'rotation'] as const;

export const revokeKeyQuery = z.strictObject({
	reason: z
		.enum(revocationReasons, {error: `reason must be one of ${revocationReasons.join(', ')}`})
		.optional(),
	note: name('note', maxNoteLength).optional(),
	/** The keys that it was rotated from and to as well. */
	lineage: z.literal('true', {error: 'lineage must be true'}).optional(),
});

/** Behind what was published before them. */
const endMembers = {
	status: z.enum(keyStatuses),
	...answersIn('end'),
	suspended_at: timestamp.nullable(),
	/** The id of the first key of the chain that rotations made; its own, if it is the first. */
	lineage_id: z.uuid(),
	replaces_id: z.uuid().nullable(),
	replaced_by_id: z.uuid().nullable(),
	/** Until when a key that was rotated is accepted beside its successor; null: there is no grace. */
	grace_until: timestamp.nullable(),
	/** Null: it is not revoked, or was before reasons were kept. */
	revocation_reason: z.enum(keptReasons).nullable(),
	/** When it was first accepted; null: never, or nobody knows. */
	first_used_at: timestamp.nullable(),
	/** Rises with each change that somebody makes. */
	version: z.int(),
};

/** Of the single key, in the period that is running; null: it has no quota. */
const quotaMembers = {
	/** What was used of its quota, some seconds behind. */
	quota_used: z.int().nullable(),
	/** When its quota begins anew; null: never. */
	quota_resets_at: timestamp.nullable(),
};

/** Behind those again. */
const rotationMember = {
	/** When the policy has it replaced; null: it need not be, was already, or ends before. */
	rotation_due_at: timestamp.nullable(),
};

/** Who made or revoked a key. */
const maker = z
	.strictObject({
		type: z.enum(['user', 'service_account']),
		/** Null: a service account that is not known any more. */
		id: z.uuid().nullable(),
		/** Email of the person, or name of the service account as it was then. */
		name: z.string(),
	})
	/** It is not revoked, it was by the key itself or by the appliance, or whoever it was is gone. */
	.nullable();

/** A key in a list that was asked for with `?view=full`. */
export const fullKey = z.strictObject({
	...detailedMembers,
	...endMembers,
	...rotationMember,
	creator: maker,
});

export const fullView = z.literal('full', {error: 'view must be full'}).optional();

/** What a key that was just made has of them, beside its terms. */
export const asMade = {
	status: 'active',
	suspended_at: null,
	replaces_id: null,
	replaced_by_id: null,
	grace_until: null,
	revocation_reason: null,
	first_used_at: null,
	version: 1,
	rotation_due_at: null,
	creator: null,
} as const;

/** One key with who made it and, as `last_used_address`, from where it was used last. */
export const keyDetail = z.strictObject({
	...detailedMembers,
	/** Email of the person, or name of the service account as it was then; null: somebody who is gone. */
	created_by: z.string().nullable(),
	/** Of the last use of which that, or the program, is known: `last_used_address_at` says when it was. */
	last_used_address: z.string().nullable(),
	revoked_by: z.string().nullable(),
	...endMembers,
	creator: maker,
	revoker: maker,
	suspended_reason: z.string().nullable(),
	revocation_note: z.string().nullable(),
	...answersIn('one'),
	...quotaMembers,
	...rotationMember,
	/** Of the use that `last_used_address` is of. */
	last_used_agent: z.string().nullable(),
	/** Null: it was not used, or never known from where. */
	last_used_address_at: timestamp.nullable(),
});

/** Counts that every answer has; the others come with `view=full`. */
export const firstCounts = [
	'valid',
	'revoked',
	'expired',
	'plan_inactive',
] as const satisfies readonly CountedOutcome[];

function countsOf<O extends CountedOutcome>(names: readonly O[]): Record<O, z.ZodInt> {
	return Object.fromEntries(names.map((name) => [name, z.int()])) as Record<O, z.ZodInt>;
}

/** How often a key was checked from `start` on, by outcome. It is some seconds behind. */
export const usageBucket = z.strictObject({start: timestamp, ...countsOf(firstCounts)});

/** With every count, as `view=full` asks for. */
export const fullUsageBucket = z.strictObject({start: timestamp, ...countsOf(countedOutcomes)});

export const keyUsage = z.union([z.array(fullUsageBucket), z.array(usageBucket)]);

export const keyList = z.array(key);

export const keyRevoked = z.strictObject({message: z.literal('API key revoked successfully')});

export type RevocationReason = (typeof keptReasons)[number];
export type KeyChanges = z.output<typeof updateKeyRequest>;
export type ChangedMember = z.infer<typeof changedMember>;
export type FullKey = z.infer<typeof fullKey>;
export type CreatedKeyWithTerms = z.infer<typeof createdKeyWithTerms>;
export type KeyDetail = z.infer<typeof keyDetail>;
export type FullUsageBucket = z.infer<typeof fullUsageBucket>;
export type Key = z.infer<typeof key>;
export type CreatedKey = z.infer<typeof createdKey>;
