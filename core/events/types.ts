import * as z from 'zod';
import {
	apiVersion,
	envelope,
	eventTypeNames,
	eventTypes,
	type EventData,
	type EventType,
} from '../../contract/events.ts';

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
	expires_at: null,
	last_used_at: '2026-03-02T08:15:42Z',
	revoked_at: null,
};
const endpoint = {
	id: 'b2a7f0de-93c1-4c58-a1a4-7d2f6e8c9b13',
	url: 'https://hooks.example.com/latchkey',
};

const examples: EventData = {
	'key.created': {key: {...key, last_used_at: null}},
	'key.revoked': {key: {...key, revoked_at: '2026-03-02T09:00:00Z'}},
	'key.expiring': {key: {...key, expires_at: '2026-03-09T09:00:00Z'}},
	'key.expired': {key: {...key, expires_at: '2026-03-02T09:00:00Z'}},
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
		const example = envelope(type).parse({
			id: 'msg_019c1d2e3f40516273849a5b6c7d8e9f',
			type,
			timestamp: '2026-03-02T09:00:00Z',
			api_version: apiVersion,
			organization_id: organisationId,
			sequence: 42,
			actor: {type: 'user', id: '9b3e6d1f-7a52-4c80-8e4d-5f2a1c7b0d93'},
			data: exampleData(type),
		});
		return {
			type,
			api_version: apiVersion,
			summary: eventTypes[type].summary,
			schema: schemaOf(type),
			example,
		};
	});
}
