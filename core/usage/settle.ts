import type {Knex} from 'knex';
import {isUuid} from '../../contract/text.ts';
import type {RedisClient} from '../redis/connect.ts';
import {usageVersionField, type RedisNames} from '../redis/names.ts';
import {isUnavailable} from '../db/faults.ts';
import {
	decodeDetail,
	decodeEntry,
	hourMs,
	latestMs,
	toRows,
	writeOf,
	type UsageChanges,
	type UsageEntry,
} from './batch.ts';
import type {UsageDetail} from './details.ts';
import {writeUsage} from './write.ts';

/** A batch is deleted only when its hour ended this long ago: no process writes to it any more. */
const settledAfterMs = 15 * 60_000;
const scanCount = 1000;

export type SettleOptions = {
	redis: RedisClient;
	names: RedisNames;
	db: Knex;
	/** Version of each batch that is settled already; kept by the caller between runs. */
	settled: Map<string, number>;
	/** The time by the clock that all programs share, in milliseconds since the epoch: see Clock. */
	now: () => number;
};

export type SettleCounts = {
	batches: number;
	rows: number;
	keys: number;
	details: number;
	deleted: number;
};

/**
 * Moves usage from Redis to PostgreSQL: every batch that changed since it was last settled is
 * read, and what is new in it written as absolute values, so that a crash between any two steps, a second
 * worker or a second run changes nothing. A batch leaves Redis only after PostgreSQL has it.
 *
 * @throws what kept a batch from being settled; the others were, unless PostgreSQL is away
 */
export async function settleUsage(options: SettleOptions): Promise<SettleCounts> {
	const {redis, names, settled} = options;
	const counts = {batches: 0, rows: 0, keys: 0, details: 0, deleted: 0};
	const faults: unknown[] = [];
	const index = new Set(await redis.smembers(names.usageIndex));
	for (const name of index) {
		try {
			await settleBatch(name, options, counts);
		} catch (error) {
			if (isUnavailable(error)) throw error;
			faults.push(error);
		}
	}
	for (const name of settled.keys()) if (!index.has(name)) settled.delete(name);
	if (faults.length > 0) throw faults[0];
	return counts;
}

async function settleBatch(
	name: string,
	{redis, names, db, settled, now}: SettleOptions,
	counts: SettleCounts,
): Promise<void> {
	const batch = parseName(name);
	const version = batch === undefined ? NaN : await readVersion(redis, name);
	if (batch === undefined || Number.isNaN(version)) {
		await redis.srem(names.usageIndex, name);
		settled.delete(name);
		return;
	}
	const settledVersion = settled.get(name) ?? 0;
	if (settledVersion !== version) {
		const usage = toRows(batch, await readChanges(redis, name, settledVersion));
		const written = await writeUsage(db, usage);
		settled.set(name, version);
		counts.batches++;
		counts.rows += written.rows;
		counts.keys += written.keys;
		counts.details += written.details;
	}
	if (
		now() - batch.hour > hourMs + settledAfterMs &&
		(await deleteUnchanged(redis, names, name, version))
	) {
		settled.delete(name);
		counts.deleted++;
	}
}

/** @returns NaN for a batch that is not there or was not written by us */
async function readVersion(redis: RedisClient, name: string): Promise<number> {
	const text = await redis.hget(name, usageVersionField);
	return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

/** What was written after `version`. */
async function readChanges(
	redis: RedisClient,
	name: string,
	version: number,
): Promise<UsageChanges> {
	const entries: [string, UsageEntry][] = [];
	const details: [number, UsageDetail][] = [];
	let cursor = '0';
	do {
		const [next, fields] = await redis.hscan(name, cursor, 'COUNT', scanCount);
		for (let i = 0; i < fields.length; i += 2) {
			const [field = '', text = ''] = fields.slice(i, i + 2);
			if (!(writeOf(text) > version)) continue;
			if (isUuid(field)) {
				const entry = decodeEntry(text);
				if (entry !== undefined) entries.push([field, entry]);
			} else if (/^\d{1,8}$/.test(field)) {
				const detail = decodeDetail(text);
				if (detail !== undefined) details.push([Number(field), detail]);
			}
		}
		cursor = next;
	} while (cursor !== '0');
	return {entries, details};
}

/**
 * KEYS: batch, index. ARGV: version field, version that was settled, batch name.
 * Deletes the batch unless it was written to in between. Returns 1 when deleted.
 */
const deleteScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SREM', KEYS[2], ARGV[3])
return 1`;

async function deleteUnchanged(
	redis: RedisClient,
	names: RedisNames,
	name: string,
	version: number,
): Promise<boolean> {
	const deleted = await redis.eval(
		deleteScript,
		2,
		name,
		names.usageIndex,
		usageVersionField,
		version,
		name,
	);
	return deleted === 1;
}

/** @returns undefined for a name that `usageBatch` did not make */
function parseName(name: string): {hour: number; id: string} | undefined {
	const [, hour, id] = /:usage:(\d{1,16}):([^:]*)$/.exec(name) ?? [];
	if (hour === undefined || id === undefined || !isUuid(id)) return undefined;
	return Number(hour) > latestMs ? undefined : {hour: Number(hour), id};
}
