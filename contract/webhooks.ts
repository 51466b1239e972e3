import * as z from 'zod';
import {described} from './described.ts';
import {eventTypeNames, type EventType} from './events.ts';
import {pageQuery} from './paging.ts';
import {name, timestamp} from './text.ts';

export const endpointStatuses = ['active', 'disabled'] as const;
export type EndpointStatus = (typeof endpointStatuses)[number];

/** Who or what disabled an endpoint: a request, a 410, the receiver's header, or failing for days. */
export const disabledReasons = ['request', 'gone', 'receiver', 'failing'] as const;
export type DisabledReason = (typeof disabledReasons)[number];

export const deliveryStatuses = [
	'pending',
	'queued',
	'sending',
	'succeeded',
	'dead',
	'cancelled',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/**
 * How an attempt ended. `blocked`: the address is one that nothing may be sent to; `unsigned`: no
 * secret of the endpoint can be read, so nothing was sent.
 */
export const attemptResults = [
	'succeeded',
	'http',
	'dns',
	'refused',
	'tls',
	'timeout',
	'reset',
	'blocked',
	'unsigned',
] as const;
export type AttemptResult = (typeof attemptResults)[number];

const maxUrlLength = 2048;

const url = z
	.string({error: 'url is required'})
	.max(maxUrlLength, {error: `url must be at most ${maxUrlLength} characters`, abort: true})
	.refine((value) => URL.canParse(value) && /^https?:\/\//i.test(value), {
		error: 'url must be an https:// or http:// URL',
		abort: true,
	})
	.refine((value) => !/^https?:?$/.test(new URL(value).hostname), {
		error: 'url begins with https:// or http:// twice',
	})
	.refine((value) => new URL(value).username === '' && new URL(value).password === '', {
		error: 'url must not contain a user name or password',
	})
	.refine((value) => new URL(value).hash === '' && !value.includes('#'), {
		error: 'url must not contain a fragment',
	})
	.register(described, {format: 'uri', examples: ['https://hooks.example.com/latchkey']})
	.transform((value) => new URL(value).href)
	// Written out in ASCII it may be several times as long.
	.refine((href) => href.length <= maxUrlLength, {
		error: `url must be at most ${maxUrlLength} characters, written out in ASCII`,
	});

const types = z
	.array(
		z.enum(eventTypeNames, {
			error: `event_types must be of: ${eventTypeNames.join(', ')}`,
		}),
		{error: 'event_types must be an array, or null for all'},
	)
	.min(1, {error: 'event_types must not be empty; null means all'})
	.transform((values): EventType[] => [...new Set(values)])
	.nullable();

/** What a receiver asks for beside the signature, such as a token of its own. */
const maxHeaders = 16;
const headerName = /^[\w!#$%&'*+.^`|~-]{1,64}$/;
/** Headers that say what is sent, how and by whom are ours, and those of one connection are nobody's. */
const ourHeaders =
	/^(webhook-.*|latchkey-.*|content-.*|proxy-.*|host|user-agent|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect)$/;

const customHeaders = z
	.record(
		z.string(),
		z
			.string({error: 'custom_headers must have texts as values'})
			.regex(/^[!-~]([ -~]{0,1022}[!-~])?$/, {
				error: 'custom_headers must have values of 1 to 1024 printable ASCII characters',
			}),
		{error: 'custom_headers must be an object'},
	)
	.transform((headers) =>
		Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
	)
	.refine((headers) => Object.keys(headers).every((name) => headerName.test(name)), {
		error: 'custom_headers must have names such as x-api-key',
	})
	.refine((headers) => !Object.keys(headers).some((name) => ourHeaders.test(name)), {
		error:
			'custom_headers must not name webhook-*, latchkey-*, content-*, host, user-agent or a header of the connection',
	})
	.refine((headers) => Object.keys(headers).length <= maxHeaders, {
		error: `custom_headers must be at most ${maxHeaders}`,
	});

export const createEndpointRequest = z.strictObject({
	url,
	description: name('description').nullable().optional(),
	event_types: types.optional(),
	custom_headers: customHeaders.optional(),
});

export const updateEndpointRequest = z
	.strictObject({
		url: url.optional(),
		description: name('description').nullable().optional(),
		event_types: types.optional(),
		/** All of them: those that are not named any more are gone. */
		custom_headers: customHeaders.optional(),
		status: z.enum(endpointStatuses, {error: 'status must be active or disabled'}).optional(),
		/** Whether what it missed since it was disabled is sent now. */
		replay_missed: z.boolean({error: 'replay_missed must be true or false'}).optional(),
	})
	.refine(({status, replay_missed: replays}) => replays === undefined || status === 'active', {
		path: ['replay_missed'],
		error: 'replay_missed must come with "status": "active"',
	});

/** A signing secret, without the secret. `expires_at`: it was replaced and signs until then. */
const secretFacts = z.strictObject({created_at: timestamp, expires_at: timestamp.nullable()});

export const endpoint = z.strictObject({
	id: z.uuid(),
	/** Whole for those who may manage webhooks: its path is often a credential. */
	url: z.string(),
	/** `origin`: of the URL only scheme and host are shown. */
	url_shown: z.enum(['whole', 'origin']),
	description: z.string().nullable(),
	event_types: z.array(z.enum(eventTypeNames)).nullable(),
	/** Their values are never shown. */
	custom_header_names: z.array(z.string()),
	api_version: z.string(),
	status: z.enum(endpointStatuses),
	disabled_reason: z.enum(disabledReasons).nullable(),
	disabled_at: timestamp.nullable(),
	created_at: timestamp,
	updated_at: timestamp,
	last_success_at: timestamp.nullable(),
	consecutive_failures: z.int(),
	/** Of the failures since the last success; after 5 days of them the endpoint is disabled. */
	failing_since: timestamp.nullable(),
	/** Nothing is sent before, after failures in a row. */
	paused_until: timestamp.nullable(),
	secrets: z.array(secretFacts),
});

/** The only answers that ever hold a signing secret. */
export const createdEndpoint = z.strictObject({...endpoint.shape, secret: z.string()});
export const rotatedSecret = z.strictObject({
	secret: z.string(),
	/** Until when the secrets before it sign, too. */
	previous_expires_at: timestamp,
});

export const endpointList = z.array(endpoint);
export const endpointDeleted = z.strictObject({message: z.literal('Webhook deleted successfully')});

const maxGraceSeconds = 604_800;
const graceError = `grace_seconds must be a whole number from 0 to ${maxGraceSeconds}`;

export const rotateSecretRequest = z.strictObject({
	grace_seconds: z
		.int({error: graceError})
		.min(0, {error: graceError})
		.max(maxGraceSeconds, {error: graceError})
		.optional(),
});

export const testRequest = z.strictObject({
	event_type: z
		.enum(eventTypeNames, {error: `event_type must be one of: ${eventTypeNames.join(', ')}`})
		.optional(),
});

/** Milliseconds of each part of an attempt, as far as it came. */
const timings = z.strictObject({
	dns: z.number().nullable(),
	connect: z.number().nullable(),
	tls: z.number().nullable(),
	first_byte: z.number().nullable(),
	total: z.number(),
});
export type Timings = z.infer<typeof timings>;

const exchange = {
	result: z.enum(attemptResults),
	/** Why it failed, in words. */
	detail: z.string().nullable(),
	address: z.string().nullable(),
	status_code: z.int().nullable(),
	timings,
	response_headers: z.record(z.string(), z.string()).nullable(),
	response_body: z.string().nullable(),
};

export const testResult = z.strictObject({
	...exchange,
	/** What was sent, with the text that was signed: for whoever writes a receiver. */
	request: z.strictObject({
		headers: z.record(z.string(), z.string()),
		body: z.string(),
		signed_text: z.string(),
	}),
});

export const attempt = z.strictObject({number: z.int(), started_at: timestamp, ...exchange});

export const delivery = z.strictObject({
	id: z.uuid(),
	endpoint_id: z.uuid(),
	event_id: z.string(),
	event_type: z.enum(eventTypeNames),
	replay: z.int(),
	status: z.enum(deliveryStatuses),
	attempts: z.int(),
	next_attempt_at: timestamp.nullable(),
	created_at: timestamp,
	finished_at: timestamp.nullable(),
	last_status_code: z.int().nullable(),
	last_error: z.string().nullable(),
	/** The API key that the event is about, as it was called then; null: it is about something else. */
	key: z.strictObject({id: z.uuid(), name: z.string()}).nullable(),
});

export const deliveryList = z.array(delivery);
export const deliveryDetail = z.strictObject({
	...delivery.shape,
	url: z.string(),
	payload: z.string(),
	log: z.array(attempt),
});

const instant = (field: string) =>
	z.iso
		.datetime({offset: true, error: `${field} must be a time such as 2030-01-15T10:30:00Z`})
		.transform((value) => new Date(value));

const deliveryFilter = {
	endpoint_id: z.string({error: 'endpoint_id must be an id'}).optional(),
	event_type: z
		.enum(eventTypeNames, {error: `event_type must be one of: ${eventTypeNames.join(', ')}`})
		.optional(),
	status: z
		.enum(deliveryStatuses, {error: `status must be one of: ${deliveryStatuses.join(', ')}`})
		.optional(),
	since: instant('since').optional(),
	until: instant('until').optional(),
};

export const deliveryQuery = pageQuery.extend(deliveryFilter);
export const deliveryExportQuery = z.strictObject(deliveryFilter);
/** Lines of JSON, each a delivery. */
export const deliveryExport = z.custom<AsyncIterable<unknown>>();

export const replayable = ['dead', 'missing', 'all'] as const;

/** Replay of many: `dry_run` only counts. `missing`: events that the endpoint was never sent. */
export const replayRequest = z.strictObject({
	which: z.enum(replayable, {error: 'which must be dead, missing or all'}),
	event_type: deliveryFilter.event_type,
	since: instant('since'),
	until: deliveryFilter.until,
	dry_run: z.boolean({error: 'dry_run must be true or false'}).optional(),
});

export const replayResult = z.strictObject({count: z.int(), dry_run: z.boolean()});

export const eventTypeList = z.array(
	z.strictObject({
		type: z.enum(eventTypeNames),
		api_version: z.string(),
		summary: z.string(),
		schema: z.record(z.string(), z.unknown()),
		example: z.record(z.string(), z.unknown()),
	}),
);

export type Endpoint = z.infer<typeof endpoint>;
export type Delivery = z.infer<typeof delivery>;
export type DeliveryDetail = z.infer<typeof deliveryDetail>;
export type Attempt = z.infer<typeof attempt>;
export type TestResult = z.infer<typeof testResult>;
