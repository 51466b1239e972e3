import type {Log} from '../log.ts';
import type {KnownQuota, QuotaMemory} from './quota-memory.ts';
import {reachedOf, type QuotaCount} from './quota-store.ts';

const writeEveryMs = 1000;

export type QuotaWriterOptions = {
	memory: QuotaMemory;
	log: Log;
	write: (rows: readonly QuotaCount[]) => Promise<void>;
};

/**
 * Tells PostgreSQL once a second what was counted of quotas, as absolute values: so that a Redis that is
 * emptied gives back no more than was used in the last second.
 */
export class QuotaWriter {
	readonly #options: QuotaWriterOptions;
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<boolean> | undefined;

	constructor(options: QuotaWriterOptions) {
		this.#options = options;
	}

	start(): void {
		this.#timer = setInterval(() => void this.write(), writeEveryMs);
		this.#timer.unref();
	}

	/** @returns whether all of it was taken; never throws: what was not is written next time */
	write(): Promise<boolean> {
		this.#writing ??= this.#write().finally(() => {
			this.#writing = undefined;
		});
		return this.#writing;
	}

	/**
	 * Writes for the last time, also what was let in while Redis was away: nobody will add it there.
	 *
	 * @returns whether all of it was taken
	 */
	async drain(now: number): Promise<boolean> {
		clearInterval(this.#timer);
		await this.#writing;
		const {memory} = this.#options;
		for (const quota of memory.pendingAt(now)) {
			quota.counted += quota.pending;
			memory.markUsed(quota, quota.limit, quota.used + quota.pending);
			memory.settle(quota);
		}
		return this.write();
	}

	async #write(): Promise<boolean> {
		const {memory, write, log} = this.#options;
		const quotas = memory.takeUnwritten();
		if (quotas.length === 0) return true;
		try {
			await write(quotas.map(countOf));
			return true;
		} catch (error) {
			log.warn({error}, 'what was counted of quotas could not be written; it is tried again');
			memory.putBack(quotas);
			return false;
		}
	}
}

function countOf(quota: KnownQuota): QuotaCount {
	const {organisationId, subject, periodStart, periodEnd, counted, limit, used} = quota;
	const reached = reachedOf(used, limit);
	return {organisationId, subject, periodStart, periodEnd, counted, limit, reached};
}
