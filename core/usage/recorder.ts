import type {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {Outcome} from '../keys/policy.ts';
import type {Log} from '../log.ts';
import {usageBatchLifetime, usageVersionField, type RedisNames} from '../redis/names.ts';
import {encodeEntry, hourMs, toRows, UsageBatch} from './batch.ts';
import {writeUsage} from './store.ts';

const pushEveryMs = 1000;
/** Every entry is written again this often, which heals a Redis that lost its data. */
const rewriteEveryMs = 60_000;
/** A closed batch stays in memory this long, to be part of such a rewrite. */
const keepClosedMs = 10 * 60_000;
/** Redis away for longer: the batches go to PostgreSQL instead, so that last use stays current. */
const spillAfterMs = 10_000;
const fieldsPerCommand = 500;

export type RecorderOptions = {
	redis: Redis;
	names: RedisNames;
	db: Knex;
	log: Log;
	/** Most entries (key and hour) in memory. */
	maxEntries?: number;
	now?: () => number;
};

/**
 * Aggregates the checks of keys in this process. `record` is all that the request path does:
 * one map look-up and an addition, nothing awaited. Once a second the changed entries go to Redis
 * as absolute values, from where the worker settles them in PostgreSQL.
 *
 * Bounds: a process that is killed loses at most its last second; one that is told to stop loses
 * nothing, with Redis away it writes to PostgreSQL itself.
 */
export class UsageRecorder {
	/** Checks that could not be counted because memory was full and both stores away. */
	dropped = 0;

	readonly #options: Required<RecorderOptions>;
	#current: UsageBatch;
	#closed: {batch: UsageBatch; at: number}[] = [];
	#timer: NodeJS.Timeout | undefined;
	#pushing: Promise<void> | undefined;
	#rewrittenAt: number;
	#failingSince: number | undefined;

	constructor(options: RecorderOptions) {
		this.#options = {maxEntries: 100_000, now: Date.now, ...options};
		const now = this.#options.now();
		this.#current = new UsageBatch(hourOf(now));
		this.#rewrittenAt = now;
	}

	start(): void {
		this.#timer = setInterval(() => void this.push(), pushEveryMs);
		this.#timer.unref();
	}

	/** Entries in memory, for metrics. */
	get size(): number {
		return this.#closed.reduce(
			(sum, {batch}) => sum + batch.entries.size,
			this.#current.entries.size,
		);
	}

	/** Counts one check of a key that exists. */
	record(keyId: string, outcome: Outcome, ip: string | undefined): void {
		const now = this.#options.now();
		this.#turn(now);
		const isNew = !this.#current.entries.has(keyId);
		if (isNew && this.#current.entries.size >= this.#options.maxEntries / 2) {
			// A full batch is closed and another one opened; with no room left the check goes uncounted.
			if (this.size >= this.#options.maxEntries) {
				this.dropped++;
				return;
			}
			this.#close(now, hourOf(now));
		}
		this.#current.add(keyId, outcome, now, ip);
	}

	/** Sends what changed. Never throws: what could not be sent stays and is sent next time. */
	push(): Promise<void> {
		this.#pushing ??= this.#push().finally(() => {
			this.#pushing = undefined;
		});
		return this.#pushing;
	}

	/**
	 * Sends everything for the last time, also what was sent before: Redis may have lost it since.
	 *
	 * @returns whether all of it was taken, by Redis or by PostgreSQL
	 */
	async drain(): Promise<boolean> {
		clearInterval(this.#timer);
		await this.#pushing;
		for (const batch of this.#batches()) batch.markAllDirty();
		await this.push();
		if (this.#dirtyEntries() > 0) await this.#spill();
		return this.#dirtyEntries() === 0;
	}

	/** Opens the batch of this hour when it is another one, be it that the clock was set back. */
	#turn(now: number): void {
		const hour = hourOf(now);
		if (hour !== this.#current.hour) this.#close(now, hour);
	}

	#close(now: number, hour: number): void {
		if (this.#current.entries.size > 0) this.#closed.push({batch: this.#current, at: now});
		this.#current = new UsageBatch(hour);
	}

	async #push(): Promise<void> {
		const {now, log} = this.#options;
		this.#turn(now());
		if (now() - this.#rewrittenAt >= rewriteEveryMs) {
			this.#rewrittenAt = now();
			for (const batch of this.#batches()) batch.markAllDirty();
		}
		try {
			for (const batch of this.#batches()) await this.#sendToRedis(batch);
			this.#failingSince = undefined;
		} catch (error) {
			this.#failingSince ??= now();
			log.debug({error}, 'usage could not be sent to Redis');
			const isFull = this.size >= this.#options.maxEntries / 2;
			if (isFull || now() - this.#failingSince >= spillAfterMs) await this.#spill();
		}
		const oldest = now() - keepClosedMs;
		const isCrowded = this.size >= this.#options.maxEntries;
		this.#closed = this.#closed.filter(
			({batch, at}) => batch.dirty.size > 0 || (at > oldest && !isCrowded),
		);
	}

	async #sendToRedis(batch: UsageBatch): Promise<void> {
		await eachDirty(batch, async (keyIds) => {
			const {redis, names} = this.#options;
			const name = names.usageBatch(batch.hour, batch.id);
			const all = [...keyIds];
			const pipeline = redis.pipeline();
			for (let i = 0; i < all.length; i += fieldsPerCommand) {
				const version = ++batch.version;
				const fields = all.slice(i, i + fieldsPerCommand).flatMap((keyId) => {
					const entry = batch.entries.get(keyId);
					return entry === undefined ? [] : [keyId, encodeEntry(entry, version)];
				});
				pipeline.eval(
					writeScript,
					2,
					name,
					names.usageIndex,
					version,
					usageVersionField,
					usageBatchLifetime,
					...fields,
				);
			}
			const results = await pipeline.exec();
			for (const [error] of results ?? []) if (error !== null) throw error;
		});
	}

	async #spill(): Promise<void> {
		for (const batch of this.#batches()) {
			try {
				await eachDirty(batch, async (keyIds) => {
					const entries = [...batch.entries].filter(([keyId]) => keyIds.has(keyId));
					await writeUsage(this.#options.db, toRows(batch, entries));
				});
			} catch (error) {
				this.#options.log.warn(
					{error},
					'usage waits in memory: neither Redis nor PostgreSQL take it',
				);
				return;
			}
		}
	}

	#batches(): UsageBatch[] {
		return [...this.#closed.map(({batch}) => batch), this.#current];
	}

	#dirtyEntries(): number {
		return this.#batches().reduce((sum, batch) => sum + batch.dirty.size, 0);
	}
}

/**
 * KEYS: batch, index. ARGV: number of this write, version field, lifetime, then fields and values.
 * A write that timed out may be applied after a later one, which holds all it holds: it is dropped.
 */
const writeScript = `
local version = redis.call('HGET', KEYS[1], ARGV[2])
if version and tonumber(version) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[1], unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[2], KEYS[1])
return 1`;

/** Takes the dirty key ids of a batch for `send`, and gives them back when it fails. */
async function eachDirty(
	batch: UsageBatch,
	send: (keyIds: ReadonlySet<string>) => Promise<void>,
): Promise<void> {
	if (batch.dirty.size === 0) return;
	const keyIds = new Set(batch.dirty);
	batch.dirty.clear();
	try {
		await send(keyIds);
	} catch (error) {
		for (const keyId of keyIds) batch.dirty.add(keyId);
		throw error;
	}
}

function hourOf(now: number): number {
	return Math.floor(now / hourMs) * hourMs;
}
