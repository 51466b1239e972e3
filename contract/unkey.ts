import * as z from 'zod';
import {mostAsked} from './limits-asked.ts';
import type {Outcome} from './outcomes.ts';
import {
	formOfEntry,
	listOfLimits,
	maxLimit,
	maxQuota,
	maxWindowSeconds,
	namedOrOwnLimit,
	nameOfEntry,
	wholeNumber,
	wholeOfEntry,
} from './rate-limits.ts';
import {parenthesesIn, readScopeQuery} from './scope-query.ts';
import {codePoints, maxNameLength} from './text.ts';
import {verifyRequest} from './verification.ts';

/*
The check of a key as clients of Unkey ask for it (`POST /v2/keys.verifyKey` of its API 2.0.0), for
services that move over without a change. What its requests have and Latchkey does not know is ignored.
*/

const leastDuration = 1000;
const mostParentheses = 8;

/** `AND` and `OR` in any case, as whole words: other characters of permissions may not stand beside them. */
const operators = /(?<![\w:.*/-])(?:and|or)(?![\w:.*/-])/gi;

/** As Unkey writes a query: operators in any case, any white space. Each column stays where it is. */
function asScopeQuery(text: string): string {
	return text.replaceAll(/[\t\r\n]/g, ' ').replaceAll(operators, (word) => word.toUpperCase());
}

function permissionQuery(field: string) {
	return z
		.string({error: `${field} must be a text such as orders.read AND (eu OR us)`})
		.refine((text) => parenthesesIn(text) <= mostParentheses, {
			error: `${field} must be at most ${mostParentheses} parentheses deep`,
			abort: true,
		})
		.transform((text, context) => {
			const read = readScopeQuery(asScopeQuery(text));
			if (!('fault' in read)) return read;
			context.addIssue({code: 'custom', message: `${field} ${read.fault}`});
			return z.NEVER;
		});
}

function nameFault(text: string): string | undefined {
	const length = codePoints(text);
	return length > 0 && length <= maxNameLength && text.isWellFormed()
		? undefined
		: `must be 1 to ${maxNameLength} characters`;
}

/** Limits of the key by name, and with `limit` and `duration` (ms) such as the caller keeps for it. */
function ratelimits(field: string) {
	const entry = z
		.object(
			{
				name: nameOfEntry(field, nameFault),
				cost: wholeOfEntry(field, 0, maxLimit).optional(),
				limit: wholeOfEntry(field, 1, maxLimit).optional(),
				duration: wholeOfEntry(field, leastDuration, maxWindowSeconds * 1000).optional(),
			},
			{error: formOfEntry(field, 'must be such as {"name":"writes","limit":10,"duration":60000}')},
		)
		.transform(({duration, ...given}) => ({
			...given,
			window_seconds: duration === undefined ? undefined : duration / 1000,
		}));
	return listOfLimits(field, namedOrOwnLimit(field, entry, 'duration'), mostAsked);
}

export const unkeyVerifyRequest = z.object({
	key: verifyRequest.shape.key,
	/** Scopes that the use needs. */
	permissions: permissionQuery('permissions').optional(),
	/** What the use was: it decides nothing. */
	tags: z.array(z.string(), {error: 'tags must be a list of texts'}).optional(),
	/** What is taken of its quota; absent: what that says itself. */
	credits: z
		.object(
			{cost: wholeNumber('credits.cost', 0, maxQuota)},
			{error: 'credits must be such as {"cost":1}'},
		)
		.optional(),
	ratelimits: ratelimits('ratelimits').optional(),
});

/** The codes that Unkey has, by what the check of a key comes to. */
export const unkeyCodes = {
	malformed: 'NOT_FOUND',
	unknown: 'NOT_FOUND',
	revoked: 'NOT_FOUND',
	suspended: 'DISABLED',
	not_yet_valid: 'DISABLED',
	expired: 'EXPIRED',
	rotated: 'NOT_FOUND',
	plan_inactive: 'DISABLED',
	ip_denied: 'FORBIDDEN',
	insufficient_scope: 'INSUFFICIENT_PERMISSIONS',
	rate_limited: 'RATE_LIMITED',
	quota_exceeded: 'USAGE_EXCEEDED',
	valid: 'VALID',
} as const satisfies Record<Outcome, string>;

const meta = z.strictObject({requestId: z.string()});

export const unkeyVerification = z.strictObject({
	meta,
	/** What there is nothing to tell of is absent; of a key that is not found only the first two are there. */
	data: z.strictObject({
		valid: z.boolean(),
		code: z.enum(Object.values(unkeyCodes)),
		keyId: z.uuid().optional(),
		name: z.string().optional(),
		meta: z.record(z.string(), z.unknown()).optional(),
		/** In ms since the epoch. */
		expires: z.int().optional(),
		/** What is left of the quota of which least is left. */
		credits: z.int().optional(),
		enabled: z.boolean().optional(),
		/** The scopes of a key that is restricted to them. */
		permissions: z.array(z.string()).optional(),
		roles: z.array(z.string()).optional(),
		/** The owner of the key. */
		identity: z.strictObject({id: z.string(), externalId: z.string()}).optional(),
		ratelimits: z
			.array(
				z.strictObject({
					id: z.string(),
					name: z.string(),
					limit: z.int(),
					/** In ms. */
					duration: z.int(),
					/** In ms since the epoch. */
					reset: z.int(),
					remaining: z.int(),
					exceeded: z.boolean(),
					autoApply: z.boolean(),
				}),
			)
			.optional(),
	}),
});

/** A refusal as clients of Unkey read it. */
export type UnkeyErrorBody = {
	meta: z.infer<typeof meta>;
	error: {
		title: string;
		detail: string;
		status: number;
		type: string;
		/** Of a request that is not right. */
		errors?: {location: string; message: string}[];
	};
};

export type UnkeyVerifyRequest = z.output<typeof unkeyVerifyRequest>;
export type UnkeyVerification = z.infer<typeof unkeyVerification>;
