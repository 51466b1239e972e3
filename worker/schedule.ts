import type {JobName} from '../core/jobs.ts';
import type {WorkerDeps} from './deps.ts';
import {runOnce as announceExpiries} from './jobs/announce-expiries.ts';
import {runOnce as flushUsage} from './jobs/flush-usage.ts';
import {runOnce as keepSigningKeys} from './jobs/keep-signing-keys.ts';
import {runOnce as makePartitions} from './jobs/make-partitions.ts';
import {runOnce as pruneDeviceLogins} from './jobs/prune-device-logins.ts';
import {runOnce as pruneSessions} from './jobs/prune-sessions.ts';
import {runOnce as pruneWebhooks} from './jobs/prune-webhooks.ts';
import {runOnce as signAuditHeads} from './jobs/sign-audit-heads.ts';

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
	{name: 'flush-usage', everyMs: (deps) => deps.config.usageFlushMs, runOnce: flushUsage},
	{name: 'make-partitions', everyMs: () => 6 * hour, runOnce: makePartitions},
	{name: 'prune-sessions', everyMs: () => hour, runOnce: pruneSessions},
	{name: 'prune-device-logins', everyMs: () => 10 * minute, runOnce: pruneDeviceLogins},
	{name: 'announce-expiries', everyMs: () => 5000, runOnce: announceExpiries},
	{name: 'prune-webhooks', everyMs: () => hour, runOnce: pruneWebhooks},
	{name: 'keep-signing-keys', everyMs: () => 5 * minute, runOnce: keepSigningKeys},
	{name: 'sign-audit-heads', everyMs: () => 10 * minute, runOnce: signAuditHeads},
];
