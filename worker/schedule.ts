import {bySystem} from '../core/actor.ts';
import {signHeads} from '../core/audit/proof/sign-heads.ts';
import {pruneRows} from '../core/idempotency/store.ts';
import type {JobName} from '../core/jobs.ts';
import {pruneCodes} from '../core/people/expired-codes.ts';
import {pruneDeviceLogins} from '../core/people/federation/device-logins.ts';
import {pruneSessions} from '../core/people/sessions.ts';
import {announceDenials} from '../core/keys/denials.ts';
import {countKeys} from '../core/keys/figures.ts';
import {announceFirstUses} from '../core/keys/first-uses.ts';
import {tellDueRotations} from '../core/keys/rotation/due.ts';
import {keepSigningKeys} from '../core/signing/rotation.ts';
import {pruneSeen} from '../core/usage/prune.ts';
import {keepUsagePartitions} from '../core/usage/store.ts';
import {pruneEvents} from '../core/webhooks/deliveries/prune.ts';
import type {WorkerDeps} from './deps.ts';
import {runOnce as announceExpiries} from './jobs/announce-expiries.ts';
import {runOnce as followRotations} from './jobs/follow-rotations.ts';
import {inBatches} from './jobs/in-batches.ts';
import {runOnce as flushUsage} from './jobs/flush-usage.ts';
import {runOnce as suspendIdleKeys} from './jobs/suspend-idle-keys.ts';

export type Job = {
	name: JobName;
	everyMs: (deps: WorkerDeps) => number;
	/** One pass; returns counts for the log. */
	runOnce: (deps: WorkerDeps) => Promise<Record<string, number>>;
};

const minute = 60_000;
const hour = 60 * minute;

/** All time-driven work and its cadence. Each pass may run twice, at once, or late. */
export const schedule: readonly Job[] = [
	// Moves counts and last-used times from Redis to PostgreSQL.
	{name: 'flush-usage', everyMs: ({config}) => config.usageFlushMs, runOnce: flushUsage},
	// Partitions of the next time, so that no row lands in a default one; those that are too old go.
	{
		name: 'keep-partitions',
		everyMs: () => 6 * hour,
		runOnce: ({db, config}) => keepUsagePartitions(db, config.usageRetentionDays),
	},
	// From where keys were used, and which scopes they needed: what is old, or too much of a key.
	{name: 'prune-seen', everyMs: () => hour, runOnce: ({db}) => pruneSeen(db)},
	// Sessions that ended long ago, with their refresh tokens, and one-time codes that ran out.
	{
		name: 'prune-sessions',
		everyMs: () => hour,
		runOnce: async ({db}) => ({deleted: await pruneSessions(db), codes: await pruneCodes(db)}),
	},
	// Logins through identity providers that were never approved.
	{
		name: 'prune-device-logins',
		everyMs: () => 10 * minute,
		runOnce: async ({db}) => ({deleted: await pruneDeviceLogins(db)}),
	},
	// Answers that are given again to the same request, once they are a day old.
	{
		name: 'prune-idempotency-keys',
		everyMs: () => hour,
		runOnce: async ({db}) => ({deleted: await pruneRows(db)}),
	},
	// Tells of keys that have expired, and of those that will.
	{name: 'announce-expiries', everyMs: () => 5000, runOnce: announceExpiries},
	// Tells of rotated keys whose time is over, or nearly, and ends the time of those nobody uses.
	{name: 'follow-rotations', everyMs: () => 5000, runOnce: followRotations},
	// Tells of keys that should be replaced by now.
	{
		name: 'announce-due-rotations',
		everyMs: () => 10_000,
		runOnce: async ({db}) => ({
			told: await inBatches((most) => tellDueRotations(db, bySystem('worker'), most)),
		}),
	},
	// Tells of keys that were refused for the address they were used from.
	{
		name: 'announce-denials',
		everyMs: () => 2500,
		runOnce: async ({db}) => ({
			told: await inBatches((most) => announceDenials(db, bySystem('worker'), most)),
		}),
	},
	// How many keys there are of each kind, for the metrics of the servers.
	{
		name: 'count-keys',
		everyMs: () => minute,
		runOnce: async ({db}) => {
			await countKeys(db);
			return {};
		},
	},
	// Tells of keys that were used for the first time.
	{
		name: 'announce-first-uses',
		everyMs: () => 2500,
		runOnce: async ({db}) => ({
			told: await inBatches((most) => announceFirstUses(db, bySystem('worker'), most)),
		}),
	},
	// Suspends keys that nobody uses, where a policy asks for it, and tells of it before.
	{name: 'suspend-idle-keys', everyMs: () => minute, runOnce: suspendIdleKeys},
	// Events with their deliveries and attempts, once they are old and nothing waits.
	{
		name: 'prune-webhooks',
		everyMs: () => hour,
		runOnce: async ({db, config}) => ({
			deleted: await pruneEvents(db, config.webhookRetentionDays),
		}),
	},
	// Rotates the keys that sign when they are old enough, and ends replaced ones.
	{
		name: 'keep-signing-keys',
		everyMs: () => 5 * minute,
		runOnce: ({db, vault, config}) =>
			keepSigningKeys(db, vault, config.signingKeyDays, bySystem('worker')),
	},
	// Signs the end of every chain of the audit trail that has moved, and logs it.
	{name: 'sign-audit-heads', everyMs: () => 10 * minute, runOnce: signHeads},
];
