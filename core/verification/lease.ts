/** How long a verifier may decide from memory after a renewal was sent, in milliseconds. */
export const leaseMs = 5000;
export const renewEveryMs = 1000;
/** The process lets go this much earlier than PostgreSQL says: clocks may run 1 % apart. */
const marginMs = leaseMs / 100;

export type Clocks = {
	/** Never goes back; may stand still while the machine sleeps. */
	monotonic: () => number;
	/** Goes on while the machine sleeps; may be set. */
	wall: () => number;
};

export const systemClocks: Clocks = {monotonic: () => performance.now(), wall: () => Date.now()};

/**
 * The right to decide from memory. It counts from the moment a renewal was *sent*, so that it ends
 * here before it ends in PostgreSQL, and by two clocks: neither a process that was stopped nor a
 * machine that was suspended wakes up holding a lease that has run out.
 */
export class Lease {
	readonly #clocks: Clocks;
	readonly #durationMs: number;
	#sent: {monotonic: number; wall: number} | undefined;

	constructor(options: {clocks?: Clocks; durationMs?: number} = {}) {
		this.#clocks = options.clocks ?? systemClocks;
		this.#durationMs = options.durationMs ?? leaseMs - marginMs;
	}

	/** The instant to give to `grant` when the renewal that is sent now is confirmed. */
	instant(): {monotonic: number; wall: number} {
		return {monotonic: this.#clocks.monotonic(), wall: this.#clocks.wall()};
	}

	grant(sent: {monotonic: number; wall: number}): void {
		this.#sent = sent;
	}

	end(): void {
		this.#sent = undefined;
	}

	isHeld(): boolean {
		if (this.#sent === undefined) return false;
		const asleep = Math.abs(this.#clocks.wall() - this.#sent.wall);
		const awake = this.#clocks.monotonic() - this.#sent.monotonic;
		return awake < this.#durationMs && asleep < this.#durationMs;
	}
}
