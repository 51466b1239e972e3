import * as z from 'zod';
import {dependency} from './health.ts';
import {timestamp} from './text.ts';

const seconds = z.number();

/** How far the clock of its machine is ahead of PostgreSQL's, which is the one that counts. */
const clockOffset = seconds.nullable();

/** A server process that decides about keys from memory while it holds its lease. */
const verifier = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	started_at: timestamp,
	renewed_at: timestamp,
	lease_until: timestamp,
	holds_lease: z.boolean(),
	clock_offset_seconds: clockOffset,
	/** Which terms of keys it understands: no newer ones can be given while it holds its lease. */
	terms_version: z.int(),
});

/** `running` says so every two seconds; `lost` was not heard of since `seen_at`. */
const worker = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	version: z.string(),
	state: z.enum(['running', 'lost', 'stopped']),
	/** Whether it gets jobs from Redis. */
	takes_jobs: z.boolean(),
	started_at: timestamp,
	seen_at: timestamp,
	flushed_at: timestamp.nullable(),
	pumped_at: timestamp.nullable(),
	/** Repeated jobs whose last pass in this worker failed. */
	failing_jobs: z.array(z.string()),
	clock_offset_seconds: clockOffset,
});

/** What is in Redis; `oldest_seconds` is how long the oldest job has been due. */
const queue = z.strictObject({
	waiting: z.int(),
	active: z.int(),
	failed: z.int(),
	oldest_seconds: seconds,
});

/** What PostgreSQL has of webhooks; counts stop at 10,000. */
const webhooks = z.strictObject({
	pending: z.int(),
	due: z.int(),
	oldest_due_seconds: seconds,
	in_flight: z.int(),
	dead: z.int(),
	paused_endpoints: z.int(),
	disabled_endpoints: z.int(),
});

/** The appliance as a whole. Null is what cannot be known now: who would know it is away. */
export const system = z.strictObject({
	versions: z.strictObject({
		latchkey: z.string(),
		node: z.string(),
		postgresql: z.string().nullable(),
		redis: z.string().nullable(),
	}),
	migration: z.string().nullable(),
	dependencies: z.strictObject({postgresql: dependency, redis: dependency}),
	verifiers: z.array(verifier).nullable(),
	workers: z.array(worker).nullable(),
	/** How long ago a worker last moved usage to PostgreSQL. */
	usage: z.strictObject({flushed_at: timestamp, lag_seconds: seconds}).nullable(),
	queues: z.strictObject({maintenance: queue, webhooks: queue}).nullable(),
	webhooks: webhooks.nullable(),
});

export type System = z.infer<typeof system>;
