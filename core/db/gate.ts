import type {DatabaseConfig} from '../config/config.ts';
import {ConnectError} from './faults.ts';

/** Connections that are being made at once while all is well. */
const mostAtOnce = 4;
const leastPauseMs = 100;
const mostPauseMs = 1000;

/** Who must be connected and waits its turn, the first one first. */
const ranks = ['listen', 'keep'] as const;
export type Rank = (typeof ranks)[number];

type Waiting = {rank: Rank; begin: () => void};

/**
 * How one process makes its connections to one PostgreSQL: whoever wants one comes through here.
 *
 * Open, a few are made at once. After an attempt that failed it is closed: one attempt at a time then, after pauses that grow and are never quite the same in two processes, by
 * whoever must be connected (LISTEN, then the connection kept for verification) and only where
 * nobody of these waits by anybody else, who is refused at once. So a PostgreSQL that stood still
 * finds a handful of clients at its door when it goes on, not thousands that left long ago. The
 * first attempt that succeeds opens it.
 */
export class Gate {
	#isClosed = false;
	#underWay = 0;
	#pauseMs = leastPauseMs;
	#retryAt = 0;
	#fault = new ConnectError('PostgreSQL has not been asked yet');
	#waiting: Waiting[] = [];
	#timer: NodeJS.Timeout | undefined;
	readonly #watchers = new Set<() => void>();

	/** Whether PostgreSQL lets nobody in as far as is known. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** What closed it last. */
	get fault(): ConnectError {
		return this.#fault;
	}

	/** Calls `onChange` whenever somebody may get in who could not before; returns what ends that. */
	watch(onChange: () => void): () => void {
		this.#watchers.add(onChange);
		return () => this.#watchers.delete(onChange);
	}

	/**
	 * Makes a connection if one may be made now.
	 *
	 * @param connect one attempt, with a bound of its own
	 * @returns undefined where it was not tried
	 */
	tryThrough<T>(connect: () => Promise<T>): Promise<T> | undefined {
		if (this.#waiting.length > 0 || !this.#admits()) return undefined;
		return this.#attempt(connect);
	}

	/**
	 * Makes a connection as soon as one may be made.
	 *
	 * @throws what `connect` throws, or the reason of the signal
	 */
	async through<T>(rank: Rank, connect: () => Promise<T>, signal: AbortSignal): Promise<T> {
		signal.throwIfAborted();
		return new Promise<T>((resolve, reject) => {
			const leave = () => {
				this.#waiting = this.#waiting.filter((other) => other !== waiting);
				reject(signal.reason as Error);
			};
			const waiting: Waiting = {
				rank,
				begin: () => {
					signal.removeEventListener('abort', leave);
					this.#attempt(connect).then(resolve, reject);
				},
			};
			signal.addEventListener('abort', leave, {once: true});
			const later = this.#waiting.findIndex(
				(other) => ranks.indexOf(other.rank) > ranks.indexOf(rank),
			);
			this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, waiting);
			this.#serve();
		});
	}

	#admits(): boolean {
		if (!this.#isClosed) return this.#underWay < mostAtOnce;
		return this.#underWay === 0 && performance.now() >= this.#retryAt;
	}

	async #attempt<T>(connect: () => Promise<T>): Promise<T> {
		this.#underWay++;
		try {
			const made = await connect();
			this.#isClosed = false;
			this.#pauseMs = leastPauseMs;
			return made;
		} catch (error) {
			const now = performance.now();
			// Several that fail together are one failure.
			if (now >= this.#retryAt) {
				this.#retryAt = now + this.#pauseMs * (0.5 + Math.random() / 2);
				this.#pauseMs = Math.min(this.#pauseMs * 2, mostPauseMs);
			}
			this.#isClosed = true;
			this.#fault = ConnectError.of(error);
			throw error;
		} finally {
			this.#underWay--;
			this.#serve();
			this.#tell();
		}
	}

	#serve(): void {
		while (this.#waiting.length > 0 && this.#admits()) this.#waiting.shift()?.begin();
		clearTimeout(this.#timer);
		if (this.#waiting.length === 0 || this.#underWay > 0) return;
		this.#timer = setTimeout(() => this.#serve(), this.#retryAt - performance.now() + 1);
	}

	#tell(): void {
		for (const onChange of this.#watchers) onChange();
	}
}

const gates = new Map<string, Gate>();

/** The gate of this process to a PostgreSQL, for a role and a database. */
export function gateTo({host, port, user, database}: DatabaseConfig): Gate {
	const name = JSON.stringify([host, port, user, database]);
	const known = gates.get(name);
	if (known !== undefined) return known;
	const gate = new Gate();
	gates.set(name, gate);
	return gate;
}
