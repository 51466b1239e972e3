import {randomUUID} from 'node:crypto';
import type {QuotaCounter} from './quota-store.ts';

/** A count with when it begins anew, in ms since the epoch; undefined: never. */
export type EndingCounter = QuotaCounter & {readonly periodEnd: number | undefined};

/** What this process knows of one. */
export type KnownQuota = EndingCounter & {
	/** In Redis. */
	readonly name: string;
	/** The most that was seen: what is counted only grows. */
	counted: number;
	/** What it let in while Redis was away, and is still to be added there. */
	pending: number;
	/** Of the addition that is under way, or may have been done. */
	adding: {id: string; sum: number} | undefined;
	/** In which outage of Redis PostgreSQL was asked about it, see Lane. */
	readIn: number | undefined;
	/** Of the quota when it was last seen, and how much of it was used, with what was changed by hand. */
	limit: number;
	used: number;
	/** PostgreSQL has not been told of what is counted. */
	isUnwritten: boolean;
};

/**
 * What this process has seen of quotas, by their names in Redis: so that a Redis that was emptied, or
 * lost its last second in a failover, gives nothing back, and to go on by while it is away.
 */
export class QuotaMemory {
	readonly #most: number;
	/** Those that were not used for longest first. */
	readonly #known = new Map<string, KnownQuota>();
	readonly #unwritten = new Set<KnownQuota>();
	readonly #pending = new Set<KnownQuota>();

	/** @param most how many are kept; what must not be forgotten is beyond that */
	constructor(most: number) {
		this.#most = most;
	}

	get size(): number {
		return this.#known.size;
	}

	get(name: string): KnownQuota | undefined {
		return this.#known.get(name);
	}

	/** Takes note of what was counted, by Redis or PostgreSQL. */
	learn(name: string, counter: EndingCounter, counted: number): KnownQuota {
		const known = this.#known.get(name);
		if (known !== undefined) {
			this.#known.delete(name);
			this.#known.set(name, known);
			if (counted > known.counted) known.counted = counted;
			return known;
		}
		const {organisationId, subject, periodStart, periodEnd} = counter;
		const fresh: KnownQuota = {
			organisationId,
			subject,
			periodStart,
			periodEnd,
			name,
			counted,
			pending: 0,
			adding: undefined,
			readIn: undefined,
			limit: 0,
			used: 0,
			isUnwritten: false,
		};
		this.#known.set(name, fresh);
		if (this.#known.size > this.#most) this.#forgetOldest();
		return fresh;
	}

	/** A use was counted: PostgreSQL is to know. */
	markUsed(quota: KnownQuota, limit: number, used: number): void {
		quota.limit = limit;
		quota.used = used;
		if (quota.isUnwritten) return;
		quota.isUnwritten = true;
		this.#unwritten.add(quota);
	}

	/** A use was let in that Redis knows nothing of. */
	addPending(quota: KnownQuota, cost: number): void {
		quota.pending += cost;
		this.#pending.add(quota);
	}

	/** Those that PostgreSQL is still to know, each once. */
	takeUnwritten(): KnownQuota[] {
		const taken = [...this.#unwritten];
		this.#unwritten.clear();
		for (const quota of taken) quota.isUnwritten = false;
		return taken;
	}

	/** What could not be written is to be written again. */
	putBack(quotas: readonly KnownQuota[]): void {
		for (const quota of quotas) this.markUsed(quota, quota.limit, quota.used);
	}

	/** Those with something to add to Redis; of a period that is over there is nothing to add. */
	pendingAt(now: number): KnownQuota[] {
		for (const quota of this.#pending) {
			if (quota.periodEnd === undefined || quota.periodEnd > now) continue;
			this.settle(quota);
		}
		return [...this.#pending];
	}

	/** The addition of what is pending, the same as long as it is not known whether it was done. */
	beginAdding(quota: KnownQuota): {id: string; sum: number} {
		return (quota.adding ??= {id: randomUUID(), sum: quota.pending});
	}

	/** @param counted as Redis has it then */
	added(quota: KnownQuota, counted: number): void {
		quota.pending -= quota.adding?.sum ?? 0;
		quota.adding = undefined;
		if (counted > quota.counted) quota.counted = counted;
		if (quota.pending <= 0) this.#pending.delete(quota);
	}

	/** Nothing of it is to be added any more. */
	settle(quota: KnownQuota): void {
		quota.pending = 0;
		quota.adding = undefined;
		this.#pending.delete(quota);
	}

	#forgetOldest(): void {
		for (const [name, quota] of this.#known) {
			if (quota.isUnwritten || quota.pending > 0) continue;
			this.#known.delete(name);
			return;
		}
	}
}
