import * as z from 'zod';
import {plan} from './organisations.ts';
import {timestamp} from './text.ts';

/** Longest payload, in bytes. */
export const mostPayloadBytes = 20_000;

/** Version of the payloads below. An endpoint keeps the one it was created with. */
export const apiVersion = '2026-11-01';

/** An API key as events show it: never the key, never its hash. */
const eventKey = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	hint: z.string(),
	created_at: timestamp,
	expires_at: timestamp.nullable(),
	last_used_at: timestamp.nullable(),
	revoked_at: timestamp.nullable(),
});

const keyData = z.strictObject({key: eventKey});
const planData = z.strictObject({
	organization: z.strictObject({id: z.uuid(), name: z.string(), plan}),
	previous: z.strictObject({plan}),
});

/** Every type of event: what it tells, and its `data`. Types are actions of the audit trail, too. */
export const eventTypes = {
	'key.created': {summary: 'An API key was created', data: keyData},
	'key.revoked': {summary: 'An API key was revoked; no server accepts it any more', data: keyData},
	'key.expiring': {
		summary: 'An API key will reach its expires_at in 7 days, or in one: told at each',
		data: keyData,
	},
	'key.expired': {summary: 'An API key reached its expires_at', data: keyData},
	'plan.upgraded': {summary: 'The plan of the organization was raised', data: planData},
	'plan.downgraded': {
		summary: 'The plan of the organization was lowered; off the Team plan no key is accepted',
		data: planData,
	},
	'webhook.test': {
		summary: 'A test that somebody asked for; no attempt but that one is made',
		data: z.strictObject({message: z.string()}),
	},
	'webhook.endpoint_disabled': {
		summary: 'Another endpoint of the organization was disabled',
		data: z.strictObject({
			endpoint: z.strictObject({id: z.uuid(), url: z.string(), reason: z.string()}),
		}),
	},
	'webhook.delivery_exhausted': {
		summary: 'The last attempt of a delivery to another endpoint failed',
		data: z.strictObject({
			endpoint: z.strictObject({id: z.uuid(), url: z.string()}),
			delivery: z.strictObject({id: z.uuid(), event_id: z.string(), event_type: z.string()}),
		}),
	},
} as const satisfies Record<string, {summary: string; data: z.ZodObject}>;

export type EventType = keyof typeof eventTypes;
export type EventData = {[T in EventType]: z.infer<(typeof eventTypes)[T]['data']>};

export const eventTypeNames = Object.keys(eventTypes) as [EventType, ...EventType[]];

/** What an endpoint receives; `id` is the header `webhook-id` (Standard Webhooks 1.0.0). */
export function envelope<T extends EventType>(type: T) {
	return z.strictObject({
		id: z.string().regex(/^msg_[0-9a-f]{32}$/),
		type: z.literal(type),
		timestamp,
		api_version: z.literal(apiVersion),
		organization_id: z.uuid(),
		/** Counts the events of the organisation from 1, without gaps; 0 is a test. */
		sequence: z.int().min(0),
		actor: z.strictObject({
			type: z.enum(['user', 'service_account', 'api_key', 'system', 'anonymous']),
			id: z.string().optional(),
		}),
		data: eventTypes[type].data,
	});
}
