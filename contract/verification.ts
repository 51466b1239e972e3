import * as z from 'zod';
import {readAs} from './described.ts';
import {answersIn, keyTerms} from './key-terms.ts';
import {fullView} from './keys.ts';
import {tagList, yesOrNo} from './labels.ts';
import {address} from './network-list.ts';
import {canonicalAddress} from './network.ts';
import {plan} from './organisations.ts';
import {checkNames, verificationCodes} from './outcomes.ts';
import {readScopes, scopeQuery, scopeQueryText} from './scope-query.ts';
import {heldLimits, keyLimitsState} from './key-limits.ts';
import {keyStatuses} from './key-status.ts';
import {limitNames, limitsAsked, wholeNumberText} from './limits-asked.ts';
import {maxLimit, maxQuota, wholeNumber} from './rate-limits.ts';
import {choice, printable, timestamp} from './text.ts';

const mostKeyCharacters = 4096;
const methodForm = 'method must be that of a request, such as GET';

export const verifyRequest = z.strictObject({
	key: z.string({error: 'key is required'}).max(mostKeyCharacters, {error: 'key is too long'}),
	/** From where the key is used, as far as the asking service knows. */
	ip: address('ip').optional(),
	/** What the use needs: `orders.read AND (eu OR us)`, or a list of scopes that are all needed. */
	scopes: scopeQuery('scopes').optional(),
	/** Limits that are charged beside those of every use of the key, with what is taken of each. */
	limits: limitsAsked('limits').optional(),
	/** What is taken of its quota; absent: what that says itself. */
	quota_cost: wholeNumber('quota_cost', 0, maxQuota).optional(),
	/** What the use was, in the words of the service: it decides nothing. */
	method: z
		.string({error: methodForm})
		.regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, {error: methodForm})
		.optional(),
	user_agent: z
		.string({error: 'user_agent must be text'})
		.max(4096, {error: 'user_agent is too long'})
		.optional(),
	tags: tagList('tags', 'a list of tags').optional(),
	/** Every step is told of, and nothing is charged, counted or recorded. */
	dry_run: yesOrNo('dry_run').optional(),
});

/** A use of a key that is known by its id, as a dry run is told of it: what is not said is not known. */
export const explainKeyRequest = verifyRequest.pick({
	ip: true,
	scopes: true,
	limits: true,
	quota_cost: true,
	method: true,
});

/** `full`: the full answer, whatever is asked. */
export const verifyQuery = z.strictObject({view: fullView});

export const mostInBatch = 100;

/** Each as a request of its own. */
export const verifyBatchRequest = z.strictObject({
	keys: z
		.array(readAs(z.unknown(), verifyRequest), {
			error: 'keys must be a list of requests such as {"key":"hklst_…"}',
		})
		.min(1, {error: 'keys must not be empty'})
		.max(mostInBatch, {error: `keys must have at most ${mostInBatch} requests`})
		.transform((items, context) =>
			items.map((item, index) => {
				const read = readVerifyRequest(item);
				if (!(read instanceof z.ZodError)) return read;
				addIssueOfItem(context, index, read);
				return z.NEVER;
			}),
		),
});

/**
 * One request, with all that it asks. What nearly all ask is read without the schema, which takes longer
 * than to decide: a batch may have a hundred of them.
 */
export function readVerifyRequest(item: unknown): VerifyRequest | z.ZodError {
	const plain = readPlainRequest(item);
	if (plain !== undefined) return plain;
	const read = verifyRequest.safeParse(item);
	return read.success ? read.data : read.error;
}

/** The same of a batch; undefined for one that is refused. */
export function readVerifyRequests(body: unknown): readonly VerifyRequest[] | undefined {
	return readPlainBatch(body) ?? verifyBatchRequest.safeParse(body).data?.keys;
}

function readPlainBatch(body: unknown): VerifyRequest[] | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	for (const member in body) if (member !== 'keys') return undefined;
	const {keys} = body as {keys?: unknown};
	if (!Array.isArray(keys) || keys.length < 1 || keys.length > mostInBatch) return undefined;
	const read: VerifyRequest[] = [];
	for (const item of keys) {
		const request = readVerifyRequest(item);
		if (request instanceof z.ZodError) return undefined;
		read.push(request);
	}
	return read;
}

/** @returns undefined for what the schema must look at: another member, or a fault */
function readPlainRequest(item: unknown): VerifyRequest | undefined {
	if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined;
	for (const member in item) {
		if (member !== 'key' && member !== 'ip' && member !== 'scopes') return undefined;
	}
	const {key, ip, scopes} = item as Partial<Record<keyof VerifyRequest, unknown>>;
	if (typeof key !== 'string' || key.length > mostKeyCharacters) return undefined;
	const plain: VerifyRequest = {key};
	if (ip !== undefined) {
		if (typeof ip !== 'string') return undefined;
		plain.ip = canonicalAddress(ip);
		if (plain.ip === undefined) return undefined;
	}
	if (scopes !== undefined) {
		const query = readScopes(scopes);
		if (query === undefined || 'fault' in query) return undefined;
		plain.scopes = query;
	}
	return plain;
}

/** The fault of an item as one of the batch: its field, and the sentence that begins with it, with its place. */
function addIssueOfItem(context: z.RefinementCtx, index: number, {issues}: z.ZodError): void {
	const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
	const place = `keys[${index}]`;
	if (unknown !== undefined) {
		const member = unknown.keys[0] ?? '';
		const message = `Unknown member: ${place}.${printable(member)}`;
		context.addIssue({code: 'custom', message, path: [index, member]});
		return;
	}
	const [issue] = issues;
	const isMember = issue !== undefined && issue.path.length > 0;
	context.addIssue({
		code: 'custom',
		message: isMember
			? `${place}.${issue.message}`
			: `${place} must be a request such as {"key":"hklst_…"}`,
		path: [index, ...(issue?.path ?? [])],
	});
}

/** What a proxied request needs, and what it needs besides if it reads, or does anything else. */
export const forwardAuthQuery = z.strictObject({
	scopes: scopeQueryText('scopes').optional(),
	scopes_read: scopeQueryText('scopes_read').optional(),
	scopes_write: scopeQueryText('scopes_write').optional(),
	/** Names of limits that are charged beside those of every use, with commas between. */
	limit: limitNames('limit').optional(),
	/** What is taken of each limit that is charged; absent: what that says itself. */
	cost: wholeNumberText('cost', 0, maxLimit).optional(),
	/** Whether a JWT passes too, or a key only; absent: `any`. */
	credentials: choice('credentials', ['any', 'api_key']).optional(),
	/** How a refusal is answered: by its own status, or always by 403; absent: `status`. */
	deny: choice('deny', ['status', '403']).optional(),
});

/** All but `valid` and `code` are null for a key that the caller's organisation does not have. */
export const briefVerification = z.strictObject({
	valid: z.boolean(),
	code: z.enum(verificationCodes),
	key_id: z.uuid().nullable(),
	name: z.string().nullable(),
	organization_id: z.uuid().nullable(),
	...answersIn('verification'),
});

const {owner, scopes, roles, tags, metadata, not_before: notBefore} = keyTerms;

/** A step of the check of a key. */
export const explainedCheck = z.strictObject({
	check: z.enum(checkNames),
	outcome: z.enum(['pass', 'fail', 'skipped']),
	/** For people; null: there is nothing to tell. */
	detail: z.string().nullable(),
});

/** What is known of a key that the use was for, and of the decision. */
export const fullVerification = z.strictObject({
	...briefVerification.shape,
	status: z.enum(keyStatuses).nullable(),
	/** The id of the first key of the chain that rotations made: it stays. */
	lineage_id: z.uuid().nullable(),
	owner: owner.answer,
	/** All that it has, by its roles, too; null: it is not restricted, or not known. */
	scopes: scopes.answer,
	roles: roles.answer.nullable(),
	tags: tags.answer.nullable(),
	metadata: metadata.answer.nullable(),
	not_before: notBefore.answer,
	/** Null: it was not replaced by another key. */
	rotation: z
		.strictObject({
			role: z.literal('previous'),
			/** Null: it was ended before its time. */
			grace_until: timestamp.nullable(),
		})
		.nullable(),
	/** Those that the use was held against. */
	rate_limits: heldLimits.shape.rate_limits,
	quotas: heldLimits.shape.quotas,
	/** The scopes that were asked for and that it lacks, if that is why it is refused. */
	missing_scopes: z.array(z.string()).nullable(),
	request_id: z.string(),
	decided_at: timestamp,
	/** Where what is known of the key was read: in the memory of this server, or in PostgreSQL. */
	source: z.enum(['memory', 'database']),
	limits_source: heldLimits.shape.limits_source,
	/** Of a dry run: every step, in their order, also after one that fails. */
	checks: z.array(explainedCheck).optional(),
});

/** Of a dry run, which tells every step. */
export const keyExplanation = fullVerification.required({checks: true});

/**
 * The full one where more than the key was given, or it was asked for: first, as an answer is read by
 * the first that fits.
 */
export const verification = z.union([fullVerification, briefVerification]);
export const verifications = z.array(verification);

export const keySelf = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	organization_id: z.uuid(),
	plan,
	created_at: timestamp,
	...answersIn('self'),
});

/** `full`: what the key carries, too. */
export const keySelfQuery = z.strictObject({view: fullView});

/** So that whoever holds a key sees what it may do, how much of it is left, and that it should be replaced. */
export const fullKeySelf = z.strictObject({
	...keySelf.shape,
	status: z.enum(keyStatuses),
	scopes: scopes.answer,
	roles: roles.answer,
	...keyLimitsState.shape,
	rotation: fullVerification.shape.rotation,
	lineage_id: z.uuid(),
	owner: owner.answer,
	tags: tags.answer,
	not_before: notBefore.answer,
});

/** The full one where it was asked for. */
export const anyKeySelf = z.union([keySelf, fullKeySelf]);

/** The answer of a proxy's subrequest; the same facts ride in `X-Auth-…` headers. */
export const forwardAuth = z.strictObject({
	auth_method: z.enum(['api_key', 'jwt']),
	key_id: z.uuid().nullable(),
	user_id: z.uuid().nullable(),
	organization_id: z.uuid(),
});

/** Headers that tell a proxied service who called; a proxy must overwrite the client's own. */
export const authHeaders = {
	method: 'X-Auth-Method',
	key: 'X-Auth-Key-Id',
	user: 'X-Auth-User-Id',
	organization: 'X-Auth-Organization',
	/** Of a key: the id of the first one of its chain, which rotations do not change. */
	lineage: 'X-Auth-Lineage',
	/** Of a key that has an owner: `team/payments`, each part percent-encoded (RFC 3986, 2.1). */
	owner: 'X-Auth-Owner',
	/** Of a key that is restricted to scopes, with blanks between them. */
	scopes: 'X-Auth-Scopes',
	/** `1`: the key is restricted, and its scopes are too long to be told, or there are none. */
	scopesOmitted: 'X-Auth-Scopes-Omitted',
} as const;

export type VerifyRequest = z.output<typeof verifyRequest>;
export type BriefVerification = z.infer<typeof briefVerification>;
export type FullVerification = z.infer<typeof fullVerification>;
export type KeyExplanation = z.infer<typeof keyExplanation>;
export type ExplainedCheck = z.infer<typeof explainedCheck>;
export type KeySelf = z.infer<typeof keySelf>;
export type FullKeySelf = z.infer<typeof fullKeySelf>;
export type ForwardAuth = z.infer<typeof forwardAuth>;
