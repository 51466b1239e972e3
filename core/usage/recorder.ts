import type {Knex} from 'knex';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import type {Log} from '../log.ts';
import type {RedisClient} from '../redis/connect.ts';
import {usageBatchLifetime, usageVersionField, type RedisNames} from '../redis/names.ts';
import {
	encodeDetail,
	encodeEntry,
	hourMs,
	toRows,
	UsageBatch,
	type SeenUse,
	type UsageChanges,
} from './batch.ts';
import {writeUsage} from './write.ts';

const pushEveryMs = 1000;
/** Redis is asked this often whether it still has what it confirmed; what it lost is sent again. */
const checkEveryMs = 60_000;
/** A closed batch stays in memory this long, to be sent again if need be. */
const keepClosedMs = 10 * 60_000;
/** Redis away for longer: the batches go to PostgreSQL instead, so that last use stays current. */
const spillAfterMs = 10_000;
/** Keys of one command, and of one trip: a few milliseconds of work at once, whatever is to be sent. */
const fieldsPerCommand = 500;
const keysPerTrip = 2000;
/**
 * Clients, tags and scopes of one batch that are sent at once: where more change in a second, each is sent every
 * few seconds. What is counted of the key itself always is.
 */
const detailsPerPush = 1000;

export type RecorderOptions = {
	redis: RedisClient;
	names: RedisNames;
	db: Knex;
	log: Log;
	/** Most entries (key and hour) in memory; a batch holds half of them. */
	maxEntries?: number;
	/** The time by the clock that all servers share, in milliseconds since the epoch: see Clock. */
	now: () => number;
	/** For waits, in milliseconds: never set. */
	monotonic?: () => number;
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
	#isEnding = false;
	#checkedAt: number;
	#failingSince: number | undefined;
	/** All that was recorded before is sent, by the clock for waits. */
	#sentUntil: number;

	constructor(options: RecorderOptions) {
		this.#options = {maxEntries: 100_000, monotonic: () => performance.now(), ...options};
		this.#current = this.#open(hourOf(this.#options.now()));
		this.#checkedAt = this.#options.monotonic();
		this.#sentUntil = this.#checkedAt;
	}

	start(): void {
		this.#timer = setInterval(() => void this.push(), pushEveryMs);
		this.#timer.unref();
	}

	/** Entries in memory, for metrics. */
	get size(): number {
		return sum(this.#batches().map((batch) => batch.size));
	}

	/** Clients, tags and scopes of them, for metrics. */
	get details(): number {
		return sum(this.#batches().map((batch) => batch.details));
	}

	/** How long ago all uses until then were sent, to Redis or PostgreSQL, in milliseconds. */
	sentMsAgo(): number {
		return this.#options.monotonic() - this.#sentUntil;
	}

	/** Counts one check of a key that exists, decided at `now`. */
	record(keyId: string, outcome: CountedOutcome, use: SeenUse, now = this.#options.now()): void {
		this.#turn(now);
		if (this.#current.add(keyId, outcome, now, use)) return;
		// A full batch is closed and another one opened; with no room left the check goes uncounted.
		this.#forgetClosed();
		if (this.size >= this.#options.maxEntries) {
			this.dropped++;
			return;
		}
		this.#close(hourOf(now));
		this.#current.add(keyId, outcome, now, use);
	}

	/** Sends what changed. Never throws: what could not be sent stays and is sent next time. */
	push(): Promise<void> {
		this.#pushing ??= this.#push().finally(() => {
			this.#pushing = undefined;
		});
		return this.#pushing;
	}

	/**
	 * Sends what is left for the last time, also what Redis has lost since, or may have lost.
	 *
	 * @returns whether all of it was taken, by Redis or by PostgreSQL
	 */
	async drain(): Promise<boolean> {
		clearInterval(this.#timer);
		await this.#pushing;
		this.#isEnding = true;
		// A Redis that cannot be asked may have lost all of it, and nobody would send it again.
		for (const batch of this.#batches()) {
			await this.#check(batch).catch(() => batch.markAllChanged());
		}
		await this.push();
		if (this.#unsent() > 0) await this.#spill();
		return this.#unsent() === 0;
	}

	/** Opens the batch of this hour when it is another one, be it that the clock was set back. */
	#turn(now: number): void {
		const hour = hourOf(now);
		if (hour !== this.#current.hour) this.#close(hour);
	}

	#close(hour: number): void {
		if (this.#current.size > 0) {
			this.#closed.push({batch: this.#current, at: this.#options.monotonic()});
		}
		this.#current = this.#open(hour);
	}

	#open(hour: number): UsageBatch {
		return new UsageBatch(hour, Math.ceil(this.#options.maxEntries / 2));
	}

	/** What is sent need not be kept long, and not at all where there is no room. */
	#forgetClosed(): void {
		const now = this.#options.monotonic();
		const isCrowded = this.size >= this.#options.maxEntries;
		this.#closed = this.#closed.filter(
			({batch, at}) => batch.unsent > 0 || (now - at < keepClosedMs && !isCrowded),
		);
	}

	async #push(): Promise<void> {
		const {now, monotonic, log} = this.#options;
		const begun = monotonic();
		this.#turn(now());
		try {
			if (monotonic() - this.#checkedAt >= checkEveryMs) {
				for (const batch of this.#batches()) await this.#check(batch);
				this.#checkedAt = monotonic();
			}
			for (const batch of this.#batches()) await this.#sendToRedis(batch);
			this.#failingSince = undefined;
			this.#sentUntil = begun;
		} catch (error) {
			this.#failingSince ??= monotonic();
			log.debug({error}, 'usage could not be sent to Redis');
			const isFull = this.size >= this.#options.maxEntries / 2;
			if (isFull || monotonic() - this.#failingSince >= spillAfterMs) {
				if (await this.#spill()) this.#sentUntil = begun;
			}
		}
		this.#forgetClosed();
	}

	/** Marks all of a batch for sending where Redis lost what it had confirmed. */
	async #check(batch: UsageBatch): Promise<void> {
		if (batch.confirmed === 0) return;
		const {redis, names} = this.#options;
		const name = names.usageBatch(batch.hour, batch.id);
		const version = Number(await redis.hget(name, usageVersionField));
		if (version < batch.confirmed) batch.markAllChanged();
	}

	async #sendToRedis(batch: UsageBatch): Promise<void> {
		const {redis, names} = this.#options;
		const name = names.usageBatch(batch.hour, batch.id);
		const send = async ({entries, details}: UsageChanges) => {
			const pipeline = redis.pipeline();
			const count = entries.length + details.length;
			for (let from = 0; from < count; from += fieldsPerCommand) {
				const version = ++batch.version;
				const fields: string[] = [];
				for (const [keyId, entry] of entries.slice(from, from + fieldsPerCommand)) {
					fields.push(keyId, encodeEntry(entry, version));
				}
				const first = Math.max(0, from - entries.length);
				const room = fieldsPerCommand - fields.length / 2;
				for (const [number, detail] of details.slice(first, first + room)) {
					fields.push(String(number), encodeDetail(detail, version));
				}
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
			const {confirmed, version} = batch;
			for (const [i, [error, found]] of ((await pipeline.exec()) ?? []).entries()) {
				if (error !== null) throw error;
				// It lacks what it had confirmed before this trip: all is sent again, this included.
				if (i === 0 && Number(found) < confirmed) batch.markAllChanged();
			}
			batch.confirmed = version;
		};
		await batch.sendChanged(keysPerTrip, send, this.#isEnding ? Infinity : detailsPerPush);
	}

	/** @returns whether PostgreSQL took all of it */
	async #spill(): Promise<boolean> {
		for (const batch of this.#batches()) {
			try {
				await batch.sendChanged(keysPerTrip, async (changes) => {
					await writeUsage(this.#options.db, toRows(batch, changes));
				});
			} catch (error) {
				this.#options.log.warn(
					{error},
					'usage waits in memory: neither Redis nor PostgreSQL take it',
				);
				return false;
			}
		}
		return true;
	}

	#batches(): UsageBatch[] {
		return [...this.#closed.map(({batch}) => batch), this.#current];
	}

	#unsent(): number {
		return sum(this.#batches().map((batch) => batch.unsent));
	}
}

/**
 * KEYS: batch, index. ARGV: number of this write, version field, lifetime, then fields and values.
 * A write that timed out may be applied after a later one, which holds all it holds: it is dropped.
 * Returns the number of the write before it, 0 where there is none.
 */
const writeScript = `
local version = tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or 0)
if version >= tonumber(ARGV[1]) then return version end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[1], unpack(ARGV, 4))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SADD', KEYS[2], KEYS[1])
return version`;

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function hourOf(now: number): number {
	return Math.floor(now / hourMs) * hourMs;
}
