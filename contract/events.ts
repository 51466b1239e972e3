import * as z from 'zod';
import {keyRoleMembers, previousOfRole} from './key-roles.ts';
import {keyStatuses} from './key-status.ts';
import {answersIn} from './key-terms.ts';
import {keyPolicy} from './key-policies.ts';
import {previousMembers, keptReasons} from './keys.ts';
import {plan} from './organisations.ts';
import {previousKey} from './rotation.ts';
import {sharedLimitTerms, sharingOwner} from './shared-limits.ts';
import {timestamp} from './text.ts';
import {keyClients} from './usage.ts';

/** Longest payload, in bytes. */
export const mostPayloadBytes = 40_000;

/** Version of the payloads below. An endpoint keeps the one it was created with. */
export const apiVersion = '2026-11-01';

/** An API key as events show it: never the key, never its hash. */
const eventKey = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	hint: z.string(),
	created_at: timestamp,
	...answersIn('event'),
	last_used_at: timestamp.nullable(),
	revoked_at: timestamp.nullable(),
	status: z.enum(keyStatuses),
	...answersIn('event_end'),
	suspended_at: timestamp.nullable(),
	/** Of the first key of the chain that rotations made. */
	lineage_id: z.uuid(),
});

const keyData = z.strictObject({key: eventKey});
const suspensionData = keyData.extend({
	/** Why the key was suspended. */
	reason: z.string().nullable(),
});
const successionData = keyData.extend({successor_id: z.uuid()});
const roleData = z.strictObject({key_role: z.strictObject(keyRoleMembers)});
const planData = z.strictObject({
	organization: z.strictObject({id: z.uuid(), name: z.string(), plan}),
	previous: z.strictObject({plan}),
});

/** Scheme and host of the URL of another endpoint: the rest is often a credential. */
const hostUrl = z.string();

/** Every type of event: what it tells, and its `data`. Types are actions of the audit trail, too. */
export const eventTypes = {
	'key.created': {summary: 'An API key was created', data: keyData},
	'key.revoked': {
		summary: 'An API key was revoked; no server accepts it any longer',
		data: keyData.extend({reason: z.enum(keptReasons)}),
	},
	'key.updated': {
		summary: 'What an API key carries was changed; no server goes by what it was before',
		// More members can be changed in time: receivers must not count on these.
		data: keyData.extend({changed: z.array(z.string()), previous: previousMembers}),
	},
	'key.suspended': {
		summary: 'An API key was suspended; no server accepts it until it is resumed',
		data: suspensionData,
	},
	'key.resumed': {
		summary: 'A suspended API key was resumed; `reason` is that of its suspension',
		data: suspensionData,
	},
	'key.rotated': {
		summary:
			'An API key was made in the place of `previous`, accepted until its grace_until at most',
		data: keyData.extend({previous: previousKey, reason: z.string().nullable()}),
	},
	'key.rotation_due': {
		summary:
			'An API key is as old as the key policy lets it be before it is replaced; nothing replaces it by itself',
		data: keyData.extend({rotation_due_at: timestamp}),
	},
	'key.rotation_ending': {
		summary:
			'A rotated API key that is still used will be refused within a day; `clients` use it, of the last 24 hours, seen last first, 20 at most',
		data: successionData.extend({clients: keyClients}),
	},
	'key.rotation_finished': {
		summary: 'A rotated API key is no longer accepted; its successor is',
		data: successionData.extend({cause: z.enum(['deadline', 'request', 'unused'])}),
	},
	'key.rotation_cancelled': {
		summary: 'The rotation of an API key was cancelled: it stays, and its successor was revoked',
		data: successionData,
	},
	'key.idle': {
		summary:
			'An API key was not used for `days` days and will be suspended at `suspended_at`, as the key policy asks for, unless it is used or changed before',
		data: keyData.extend({days: z.int(), suspended_at: timestamp}),
	},
	'key.first_used': {
		summary:
			'An API key was used for the first time, from `address` where that is known; told once',
		data: keyData.extend({address: z.string().nullable()}),
	},
	'key.expiring': {
		summary: 'An API key will reach its expires_at in 7 days, or in one: told at each',
		data: keyData,
	},
	'key.expired': {summary: 'An API key reached its expires_at', data: keyData},
	'key_role.created': {summary: 'A role that keys can have was created', data: roleData},
	'key_role.updated': {
		summary: 'A role was changed; no server goes by what its keys had of it before',
		data: roleData.extend({changed: z.array(z.string()), previous: previousOfRole}),
	},
	'key_role.deleted': {summary: 'A role that no key had was deleted', data: roleData},
	'key.ip_denied': {
		summary:
			'An API key was refused for the address it was used from; told once an hour and key, `count` is how often since',
		data: keyData.extend({count: z.int().min(1)}),
	},
	'key_policy.updated': {
		summary: 'What the organization asks of API keys was changed; `policy` is what it asks for now',
		data: z.strictObject({policy: keyPolicy, changed: z.array(z.string())}),
	},
	'shared_limit.updated': {
		summary:
			'Limits that the keys of the organization (`owner` is null), or of one owner, share were changed; no server goes by what they were before',
		data: z.strictObject({
			/** As they are now: none of either after they were taken away. */
			shared_limits: z.strictObject({owner: sharingOwner, ...sharedLimitTerms}),
			changed: z.array(z.string()),
		}),
	},
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
			endpoint: z.strictObject({id: z.uuid(), url: hostUrl, reason: z.string()}),
		}),
	},
	'webhook.delivery_exhausted': {
		summary: 'The last attempt of a delivery to another endpoint failed',
		data: z.strictObject({
			endpoint: z.strictObject({id: z.uuid(), url: hostUrl}),
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
