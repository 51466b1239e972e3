import type {QueryConfig, QueryResult, QueryResultRow} from 'pg';
import type {Log} from '../log.ts';
import {ConnectError} from './faults.ts';
import type {Gate} from './gate.ts';
import {destroy, type DatabaseSession} from './session.ts';

export type PoolOptions = {
	/** One attempt, with a bound of its own. */
	connect: () => Promise<DatabaseSession>;
	/** What every attempt goes through. */
	gate: Gate;
	max: number;
	/** Whether one session is always open, or on its way. */
	keepsOne: boolean;
	/** Longest wait for a session, in milliseconds. */
	waitMs: number;
	log?: Log;
};

type Caller = {
	take: (session: DatabaseSession) => void;
	refuse: (error: ConnectError) => void;
	timer: NodeJS.Timeout;
	since: number;
};

const idleMs = 30_000;
const reapEveryMs = 5000;

let made = 0;

/**
 * Sessions that are used in turn. How long a caller waits and how long a connection may take to be
 * made are two things: one that comes late serves the next. Where none is open and the gate is
 * closed, callers are refused at once.
 */
export class SessionPool {
	readonly #options: PoolOptions;
	/** The one used last at the end, and since when it is free. */
	#free: {session: DatabaseSession; since: number}[] = [];
	readonly #used = new Set<DatabaseSession>();
	readonly #names = new Map<string, DatabaseSession>();
	#connecting = 0;
	#callers: Caller[] = [];
	readonly #ending = new AbortController();
	readonly #reaper: NodeJS.Timeout;
	readonly #unwatch: () => void;
	#onEmpty: (() => void) | undefined;

	constructor(options: PoolOptions) {
		this.#options = options;
		this.#unwatch = options.gate.watch(() => this.#grow());
		this.#reaper = setInterval(() => this.#reap(), reapEveryMs);
		this.#reaper.unref();
		if (options.keepsOne) void this.#keepOne();
	}

	/** A session for the caller alone, until `release`; in the shape that Knex asks of a pool. */
	acquire(): {promise: Promise<DatabaseSession>} {
		const free = this.#free.pop();
		if (free !== undefined) {
			this.#used.add(free.session);
			return {promise: Promise.resolve(free.session)};
		}
		const {promise, resolve, reject} = Promise.withResolvers<DatabaseSession>();
		const caller: Caller = {
			take: resolve,
			refuse: reject,
			timer: setTimeout(() => {
				this.#callers = this.#callers.filter((other) => other !== caller);
				reject(new ConnectError('timeout: no connection to PostgreSQL became free'));
			}, this.#options.waitMs),
			since: performance.now(),
		};
		this.#callers.push(caller);
		this.#grow();
		return {promise};
	}

	/** @returns false for a session that was lost or discarded meanwhile */
	release(session: DatabaseSession): boolean {
		if (!this.#used.delete(session)) return false;
		if (this.#isSpoilt(session)) this.#drop(session);
		else this.#offer(session);
		this.#end();
		return true;
	}

	/** One statement on a session of the pool. */
	async query<Row extends QueryResultRow>(config: QueryConfig): Promise<QueryResult<Row>> {
		const session = await this.acquire().promise;
		try {
			return await session.query<Row>(config);
		} catch (error) {
			// What ran into the bound on our side is still being answered.
			if (isLast(error)) this.#discard(session);
			throw error;
		} finally {
			this.release(session);
		}
	}

	/** Ends the session of this name, which nobody answers on any more. */
	discard(name: string): void {
		const session = this.#names.get(name);
		if (session !== undefined) this.#discard(session);
	}

	/** Refuses who waits, and ends every session once it is released. */
	async destroy(): Promise<void> {
		this.#ending.abort(new ConnectError('the pool has ended'));
		this.#unwatch();
		clearInterval(this.#reaper);
		this.#refuse(new ConnectError('the pool has ended'));
		const free = this.#free.splice(0);
		await Promise.allSettled(free.map(({session}) => session.end()));
		if (this.#used.size === 0 && this.#connecting === 0) return;
		await new Promise<void>((resolve) => {
			this.#onEmpty = resolve;
		});
	}

	numFree(): number {
		return this.#free.length;
	}

	numUsed(): number {
		return this.#used.size;
	}

	numPendingAcquires(): number {
		return this.#callers.length;
	}

	/** For how long the caller whose turn is next has waited, in milliseconds. */
	longestWaitMs(): number {
		const [next] = this.#callers;
		return next === undefined ? 0 : performance.now() - next.since;
	}

	#grow(): void {
		const {gate, connect, max} = this.#options;
		while (this.#callers.length > this.#connecting) {
			if (this.#free.length + this.#used.size + this.#connecting >= max) break;
			const attempt = gate.tryThrough(connect);
			if (attempt === undefined) break;
			this.#connecting++;
			void this.#await(attempt);
		}
		// Nothing of ours is open that could become free.
		if (gate.isClosed && this.#free.length + this.#used.size === 0) this.#refuse(gate.fault);
	}

	async #await(attempt: Promise<DatabaseSession>): Promise<void> {
		const session = await attempt.catch(() => undefined);
		this.#connecting--;
		if (session === undefined) this.#grow();
		else this.#add(session);
		this.#end();
	}

	#add(session: DatabaseSession): void {
		if (this.#ending.signal.aborted) {
			destroy(session);
			return;
		}
		// The name by which Knex tells of its sessions.
		const name = `s${++made}`;
		Object.assign(session, {__knexUid: name});
		this.#names.set(name, session);
		session.on('error', (error) => {
			if (this.#free.some((other) => other.session === session)) {
				this.#options.log?.warn({error}, 'an idle connection to PostgreSQL was lost');
			}
			this.#discard(session);
		});
		session.on('end', () => this.#discard(session));
		this.#offer(session);
	}

	#offer(session: DatabaseSession): void {
		const caller = this.#callers.shift();
		if (caller === undefined) {
			if (this.#ending.signal.aborted) this.#drop(session);
			else this.#free.push({session, since: performance.now()});
			return;
		}
		clearTimeout(caller.timer);
		this.#used.add(session);
		caller.take(session);
	}

	/** In the middle of a transaction, or of an answer that nobody waits for. */
	#isSpoilt(session: DatabaseSession): boolean {
		return session.getTransactionStatus() !== 'I';
	}

	#discard(session: DatabaseSession): void {
		const wasUsed = this.#used.delete(session);
		const before = this.#free.length;
		this.#free = this.#free.filter((other) => other.session !== session);
		if (wasUsed || this.#free.length < before) this.#drop(session);
		this.#end();
	}

	#drop(session: DatabaseSession): void {
		for (const [name, other] of this.#names) if (other === session) this.#names.delete(name);
		destroy(session);
		if (this.#ending.signal.aborted) return;
		if (this.#options.keepsOne) void this.#keepOne();
		this.#grow();
	}

	#refuse(error: ConnectError): void {
		for (const {timer, refuse} of this.#callers.splice(0)) {
			clearTimeout(timer);
			refuse(error);
		}
	}

	/** Has a session made where there is none, until there is. */
	async #keepOne(): Promise<void> {
		const {gate, connect} = this.#options;
		const {signal} = this.#ending;
		while (!signal.aborted && this.#free.length + this.#used.size + this.#connecting === 0) {
			this.#connecting++;
			try {
				this.#add(await gate.through('keep', connect, signal));
			} catch {
				// The gate knows why, and when to try again.
			} finally {
				this.#connecting--;
			}
		}
		this.#end();
	}

	#reap(): void {
		const limit = performance.now() - idleMs;
		const spare = this.#free.length + this.#used.size - (this.#options.keepsOne ? 1 : 0);
		const old = this.#free.filter(({since}) => since < limit).slice(0, Math.max(0, spare));
		for (const {session} of old) {
			this.#free = this.#free.filter((other) => other.session !== session);
			for (const [name, other] of this.#names) if (other === session) this.#names.delete(name);
			void session.end().catch(() => {});
		}
	}

	#end(): void {
		if (this.#used.size === 0 && this.#connecting === 0) this.#onEmpty?.();
	}
}

/** Whether nobody answers on a connection any more: it ran into our bound, or PostgreSQL ends it. */
export function isLast(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const isTimeout = error.message.endsWith('Query read timeout');
	return isTimeout || ('code' in error && /^(57P|25P0[34])/.test(String(error.code)));
}
