import * as z from 'zod';
import {nothingIn} from '../../contract/key-terms.ts';
import {
	apiVersion,
	envelope,
	eventTypeNames,
	eventTypes,
	type EventData,
	type EventType,
} from '../../contract/events.ts';
import {unsetPolicy} from '../key-policies/effective.ts';
import {envelopeOf} from './envelope.ts';

type Described = {
	type: EventType;
	api_version: string;
	summary: string;
	schema: Record<string, unknown>;
	example: Record<string, unknown>;
};

const organisationId = '6f1c2f1e-8c4b-4d5e-9a3f-2b7d1c0e5a44';

const key = {
	id: '0d9f6c3a-5b1e-4f7a-8c2d-9e3b4a1f6c70',
	name: 'Production',
	hint: 'hklst_EXAMPL',
	created_at: '2026-01-15T10:30:00Z',
	...nothingIn('event'),
	last_used_at: '2026-03-02T08:15:42Z',
	revoked_at: null,
	status: 'active',
	...nothingIn('event_end'),
	suspended_at: null,
	lineage_id: '0d9f6c3a-5b1e-4f7a-8c2d-9e3b4a1f6c70',
} as const;
const client = {
	address: '203.0.113.7',
	user_agent: 'billing/4.2',
	first_seen_at: '2026-02-03T07:12:09Z',
	last_seen_at: '2026-03-02T08:15:42Z',
	count: 18_204,
	refused: 0,
};
const rotation = {
	key,
	successor_id: '7c1d2f8e-3a60-4f0b-9b1c-5d2e6f7a8091',
};
const keyRole = {
	id: '7c2e9d4b-1a6f-4e83-b5d0-3f8a6c1e2d97',
	name: 'billing',
	description: 'What the billing service may do',
	scopes: ['invoices.*', 'orders.read'],
	created_at: '2026-01-15T10:30:00Z',
	updated_at: '2026-03-02T09:00:00Z',
};
const endpoint = {
	id: 'b2a7f0de-93c1-4c58-a1a4-7d2f6e8c9b13',
	url: 'https://hooks.example.com',
};

const examples: EventData = {
	'key.created': {key: {...key, last_used_at: null}},
	'key.revoked': {
		key: {...key, revoked_at: '2026-03-02T09:00:00Z', status: 'revoked'},
		reason: 'superseded',
	},
	'key.updated': {
		key: {...key, name: 'Production'},
		changed: ['name'],
		previous: {name: 'Staging'},
	},
	'key.suspended': {
		key: {...key, suspended_at: '2026-03-02T09:00:00Z', status: 'suspended'},
		reason: 'unusual traffic',
	},
	'key.resumed': {key, reason: 'unusual traffic'},
	'key.rotated': {
		key: {...key, id: rotation.successor_id, hint: 'hklst_SAMPLE', last_used_at: null},
		previous: {id: key.id, hint: key.hint, grace_until: '2026-03-03T09:00:00Z'},
		reason: 'yearly',
	},
	'key.rotation_due': {key, rotation_due_at: '2026-03-02T09:00:00Z'},
	'key.rotation_ending': {...rotation, key: {...key, status: 'rotating'}, clients: [client]},
	'key.rotation_finished': {...rotation, key: {...key, status: 'rotated'}, cause: 'deadline'},
	'key.rotation_cancelled': rotation,
	'key.idle': {key, days: 83, suspended_at: '2026-03-09T09:00:00Z'},
	'key.first_used': {key: {...key, last_used_at: '2026-03-02T08:59:58Z'}, address: '203.0.113.7'},
	'key.expiring': {key: {...key, expires_at: '2026-03-09T09:00:00Z'}},
	'key.expired': {key: {...key, expires_at: '2026-03-02T09:00:00Z', status: 'expired'}},
	'key_role.created': {key_role: {...keyRole, updated_at: keyRole.created_at}},
	'key_role.updated': {key_role: keyRole, changed: ['scopes'], previous: {scopes: ['invoices.*']}},
	'key_role.deleted': {key_role: keyRole},
	'key.ip_denied': {key, count: 17},
	'key_policy.updated': {
		policy: {...unsetPolicy, max_lifetime_days: 90, require_expiry: true},
		changed: ['max_lifetime_days', 'require_expiry'],
	},
	'shared_limit.updated': {
		shared_limits: {
			owner: {type: 'team', id: 'payments'},
			rate_limits: [
				{name: 'all', limit: 1000, window_seconds: 60, burst: 1000, cost: 1, auto: true},
			],
			quota: null,
		},
		changed: ['rate_limits'],
	},
	'plan.upgraded': {
		organization: {id: organisationId, name: 'Acme', plan: 'team'},
		previous: {plan: 'free'},
	},
	'plan.downgraded': {
		organization: {id: organisationId, name: 'Acme', plan: 'free'},
		previous: {plan: 'team'},
	},
	'webhook.test': {message: 'A test of this endpoint'},
	'webhook.endpoint_disabled': {endpoint: {...endpoint, reason: 'failing'}},
	'webhook.delivery_exhausted': {
		endpoint,
		delivery: {
			id: '4e8d1b7c-2f6a-4d39-b5c0-1a9e7f3d8c26',
			event_id: 'msg_019c1d2e3f405162738495a6b7c8d9ea',
			event_type: 'key.revoked',
		},
	},
};

/** The `data` of the example of a type; a test delivery sends it. */
export function exampleData<T extends EventType>(type: T): EventData[T] {
	return examples[type];
}

/** Members may be added to a version: a receiver must not refuse what it does not know. */
function schemaOf(type: EventType): Record<string, unknown> {
	return z.toJSONSchema(envelope(type), {
		override({jsonSchema}) {
			delete jsonSchema.additionalProperties;
		},
	}) as Record<string, unknown>;
}

/** Every type of event with its JSON Schema (2020-12), made from the contract, and an example. */
export function describeEventTypes(): Described[] {
	return eventTypeNames.map((type) => {
		const told = envelopeOf({
			id: 'msg_019c1d2e3f40516273849a5b6c7d8e9f',
			type,
			at: new Date('2026-03-02T09:00:00Z'),
			apiVersion,
			organisationId,
			sequence: 42,
			actor: {type: 'user', id: '9b3e6d1f-7a52-4c80-8e4d-5f2a1c7b0d93', name: 'ann@example.com'},
			data: exampleData(type),
		});
		const example = envelope(type).parse(told);
		return {
			type,
			api_version: apiVersion,
			summary: eventTypes[type].summary,
			schema: schemaOf(type),
			example,
		};
	});
}
