import {randomUUID} from 'node:crypto';
import {isIP} from 'node:net';
import type {Outcome} from '../keys/policy.ts';

/** What one process saw of one key in one hour. Counts are absolute, never increments. */
export type UsageEntry = {
	counts: Partial<Record<Outcome, number>>;
	/** When the key was last accepted, in milliseconds since the epoch; 0: not in this batch. */
	lastUsed: number;
	lastUsedIp: string | undefined;
};

/** A row for PostgreSQL: the key of the table and the absolute count. */
export type UsageRow = {
	hour: number;
	keyId: string;
	processId: string;
	outcome: Outcome;
	count: number;
};

export type LastUse = {keyId: string; at: number; ip: string | undefined};

export const hourMs = 3_600_000;

/**
 * The counts of one process for one hour. The id is part of the row's key in PostgreSQL, so a
 * batch that is full can be closed and another opened for the same hour: their sum is the truth.
 */
export class UsageBatch {
	readonly id = randomUUID();
	readonly entries = new Map<string, UsageEntry>();
	/** Key ids that changed since they were last taken. */
	readonly dirty = new Set<string>();
	readonly hour: number;
	/** Number of the last write to Redis: kept here, it goes on where Redis lost its data. */
	version = 0;

	constructor(hour: number) {
		this.hour = hour;
	}

	add(keyId: string, outcome: Outcome, now: number, ip: string | undefined): void {
		let entry = this.entries.get(keyId);
		if (entry === undefined) {
			entry = {counts: {}, lastUsed: 0, lastUsedIp: undefined};
			this.entries.set(keyId, entry);
		}
		entry.counts[outcome] = (entry.counts[outcome] ?? 0) + 1;
		if (outcome === 'valid') {
			entry.lastUsed = now;
			entry.lastUsedIp = ip;
		}
		this.dirty.add(keyId);
	}

	markAllDirty(): void {
		for (const keyId of this.entries.keys()) this.dirty.add(keyId);
	}
}

/** An entry as it lies in Redis, with the number of the write that put it there. */
export function encodeEntry(entry: UsageEntry, version: number): string {
	return JSON.stringify([entry.counts, entry.lastUsed, entry.lastUsedIp ?? null, version]);
}

/** @returns undefined for what `encodeEntry` did not make: one bad entry must not stop the rest */
export function decodeEntry(text: string): (UsageEntry & {version: number}) | undefined {
	const parts = parseArray(text);
	if (parts === undefined) return undefined;
	const [counts, lastUsed, ip, version] = parts;
	if (typeof counts !== 'object' || counts === null) return undefined;
	if (!isCount(lastUsed) || !isCount(version)) return undefined;
	// Outcomes by shape: a newer server may know more of them than this worker.
	const isEveryCount = Object.entries(counts).every(
		([outcome, count]) => /^[a-z_]{1,40}$/.test(outcome) && isCount(count),
	);
	if (!isEveryCount || lastUsed > latestMs) return undefined;
	// PostgreSQL takes no zone in an address.
	const isAddress = typeof ip === 'string' && isIP(ip) > 0 && !ip.includes('%');
	return {counts, lastUsed, lastUsedIp: isAddress ? ip : undefined, version};
}

/** Last instant that JavaScript knows; PostgreSQL knows it too. */
export const latestMs = 8.64e15;

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseArray(text: string): unknown[] | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return Array.isArray(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/** The rows and last uses of some entries of a batch. */
export function toRows(
	batch: {hour: number; id: string},
	entries: Iterable<[string, UsageEntry]>,
): {rows: UsageRow[]; lastUses: LastUse[]} {
	const rows: UsageRow[] = [];
	const lastUses: LastUse[] = [];
	for (const [keyId, entry] of entries) {
		for (const [outcome, count] of Object.entries(entry.counts) as [Outcome, number][]) {
			rows.push({hour: batch.hour, keyId, processId: batch.id, outcome, count});
		}
		if (entry.lastUsed > 0) lastUses.push({keyId, at: entry.lastUsed, ip: entry.lastUsedIp});
	}
	return {rows, lastUses};
}
