import type {RedisClient} from '../redis/connect.ts';
import {addScript, chargeScript} from './script.ts';

/** The scripts of limits, as methods of a client of Redis. */
export type LimitsRedis = RedisClient & {
	latchkeyCharge: (
		keys: number,
		...keysAndArguments: (string | number)[]
	) => Promise<(number | string)[]>;
	latchkeyAddToQuota: (
		quota: string,
		added: string,
		sum: number,
		known: number,
		lifetimeMs: number,
	) => Promise<number>;
};

export function defineLimitsScripts(redis: RedisClient): LimitsRedis {
	redis.defineCommand('latchkeyCharge', {lua: chargeScript});
	redis.defineCommand('latchkeyAddToQuota', {lua: addScript, numberOfKeys: 2});
	return redis as LimitsRedis;
}

/** One use, as the script takes it. */
export type ScriptUse = {
	readonly keys: readonly string[];
	/** What belongs to them, with how many there are. */
	readonly arguments: readonly (string | number)[];
};

/** What the script says of a use: 1 it fits, 0 it does not, -1 a quota is to be begun first. */
export type ScriptAnswer = {verdict: number; values: number[]};

/** Redis is not asked, or did not answer in time: whoever asked decides by itself. */
export const away = Symbol('away');

type Waiting = ScriptUse & {resolve: (answer: ScriptAnswer | typeof away) => void};
type Batch = {uses: readonly Waiting[]; timer: NodeJS.Timeout | undefined; isSettled: boolean};

export type LaneOptions = {
	redis: LimitsRedis;
	/** Redis did not answer, or refused: said once, until it answers again. */
	onAway: (error: unknown) => void;
	onBack: () => void;
	/** Called before Redis is asked again; what it throws keeps it away. */
	beforeBack: () => Promise<void>;
	/** How long an answer is waited for, in ms. */
	answerMs: number;
	/** Nobody has asked for a while, and Redis is still away: the lane may be forgotten. */
	onIdle?: () => void;
};

/** How long until Redis is tried again, in ms. */
const retryMs = 1000;
/** For so long Redis is tried again although nobody asks, in ms. */
const idleMs = 60_000;

/** Uses of one command: some milliseconds of Redis at most, however many come at once. */
const mostUses = 250;

/**
 * The way to Redis for limits: all uses of one turn of the event loop are one command, decided there each
 * for itself. The first that has no answer in time closes it, and then nobody waits: it is opened again
 * once Redis was seen to answer, behind the back of the requests.
 */
export class Lane {
	readonly #options: Required<LaneOptions>;
	#waiting: Waiting[] = [];
	#isScheduled = false;
	readonly #onTheWay = new Set<Batch>();
	#retry: NodeJS.Timeout | undefined;
	#isOpen = true;
	/** How often Redis was away. */
	outages = 0;
	#isStopped = false;
	#askedAt = performance.now();

	constructor(options: LaneOptions) {
		this.#options = {onIdle: () => {}, ...options};
	}

	/** Whether Redis is asked. */
	get isOpen(): boolean {
		return this.#isOpen;
	}

	/** @returns `away` at once where Redis is known not to answer */
	ask(use: ScriptUse): Promise<ScriptAnswer | typeof away> | typeof away {
		this.#askedAt = performance.now();
		if (!this.#isOpen) return away;
		return new Promise((resolve) => {
			this.#waiting.push({...use, resolve});
			if (this.#isScheduled) return;
			this.#isScheduled = true;
			setImmediate(() => this.#sendAll());
		});
	}

	stop(): void {
		this.#isStopped = true;
		clearTimeout(this.#retry);
		this.#close();
	}

	#sendAll(): void {
		this.#isScheduled = false;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (let i = 0; i < waiting.length; i += mostUses) {
			this.#send(waiting.slice(i, i + mostUses));
		}
	}

	#send(uses: readonly Waiting[]): void {
		const batch: Batch = {uses, timer: undefined, isSettled: false};
		this.#onTheWay.add(batch);
		const keys = uses.flatMap((use) => use.keys);
		const args = uses.flatMap((use) => use.arguments);
		batch.timer = setTimeout(() => {
			// The answer may lie unread behind a stall of our own: what has come is read first.
			setImmediate(() => {
				if (!batch.isSettled) this.#fail(new Error('Redis did not answer in time'));
			});
		}, this.#options.answerMs);
		this.#options.redis.latchkeyCharge(keys.length, ...keys, ...args).then(
			(answer) => this.#settle(batch, answer),
			(error: unknown) => {
				if (!batch.isSettled) this.#fail(error);
			},
		);
	}

	#settle(batch: Batch, answer: readonly (number | string)[]): void {
		if (batch.isSettled) return;
		this.#end(batch);
		// The first is the time.
		let at = 1;
		for (const {keys, resolve} of batch.uses) {
			const values = answer.slice(at + 1, at + 1 + keys.length).map(Number);
			resolve({verdict: Number(answer[at]), values});
			at += 1 + keys.length;
		}
	}

	#end(batch: Batch): void {
		batch.isSettled = true;
		clearTimeout(batch.timer);
		this.#onTheWay.delete(batch);
	}

	#fail(error: unknown): void {
		if (!this.#isOpen) return;
		this.#close();
		this.outages++;
		if (this.#isStopped) return;
		this.#options.onAway(error);
		this.#retryLater();
	}

	/** Nobody waits any more: not those on the way, nor those of this turn. */
	#close(): void {
		this.#isOpen = false;
		for (const batch of this.#onTheWay) {
			this.#end(batch);
			for (const {resolve} of batch.uses) resolve(away);
		}
		for (const {resolve} of this.#waiting.splice(0)) resolve(away);
	}

	#retryLater(): void {
		this.#retry = setTimeout(() => void this.#tryAgain(), retryMs);
		this.#retry.unref();
	}

	async #tryAgain(): Promise<void> {
		try {
			await this.#options.beforeBack();
		} catch {
			if (this.#isStopped) return;
			this.#retryLater();
			if (performance.now() - this.#askedAt > idleMs) this.#options.onIdle();
			return;
		}
		if (this.#isStopped) return;
		this.#isOpen = true;
		this.#options.onBack();
	}
}
