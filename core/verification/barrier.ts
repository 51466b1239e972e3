import {randomUUID} from 'node:crypto';

/** What is known about a change when it is answered. */
export type BarrierResult = {
	/** Verifiers that were asked: those with a live lease when the change was committed. */
	verifiers: number;
	ms: number;
	/** Verifiers that neither acknowledged nor ran out of lease in time, and until when they may accept. */
	unconfirmed: {id: string; until: Date}[];
	/** Verifiers that did not acknowledge and whose lease has run out: stopped, cut off or dead. */
	lapsed: string[];
};

type Pending = {
	acknowledged: Set<string>;
	/** Set once the verifiers to wait for are known. */
	check: (() => void) | undefined;
};

/** Changes of this process that wait for the other verifiers, by id. */
export class Barriers {
	readonly #now: () => number;
	readonly #pending = new Map<string, Pending>();

	/** @param now the time by the clock that all programs share: see Clock */
	constructor(now: () => number) {
		this.#now = now;
	}

	/** Before the change is committed: an acknowledgement may come before `wait` is called. */
	open(): string {
		const change = randomUUID();
		this.#pending.set(change, {acknowledged: new Set(), check: undefined});
		return change;
	}

	acknowledge(change: string, verifier: string): void {
		const pending = this.#pending.get(change);
		if (pending === undefined) return;
		pending.acknowledged.add(verifier);
		pending.check?.();
	}

	/** For a change that was not committed. */
	abandon(change: string): void {
		this.#pending.delete(change);
	}

	/**
	 * Waits until every verifier has acknowledged the change, or its lease has run out.
	 *
	 * @param live verifiers and the rest of their leases in milliseconds, read after the commit
	 * @param boundMs longest wait: what is not confirmed then is named in the result
	 */
	async wait(
		change: string,
		live: readonly {id: string; remainingMs: number}[],
		boundMs: number,
	): Promise<BarrierResult> {
		const pending = this.#pending.get(change);
		if (pending === undefined) throw new Error('no such change');
		const startedAt = performance.now();
		const silent = () => live.filter(({id}) => !pending.acknowledged.has(id));
		const missing = () => {
			const elapsed = performance.now() - startedAt;
			return silent().filter(({remainingMs}) => elapsed < remainingMs);
		};
		await new Promise<void>((resolve) => {
			let timer: NodeJS.Timeout | undefined;
			const check = () => {
				clearTimeout(timer);
				const rest = missing();
				const left = boundMs - (performance.now() - startedAt);
				if (rest.length === 0 || left <= 0) {
					resolve();
					return;
				}
				const soonest = Math.min(left, ...rest.map(({remainingMs}) => remainingMs));
				timer = setTimeout(check, Math.max(1, soonest - (performance.now() - startedAt)));
			};
			pending.check = check;
			check();
		});
		this.#pending.delete(change);
		const ms = performance.now() - startedAt;
		const rest = missing();
		return {
			verifiers: live.length,
			ms,
			unconfirmed: rest.map(({id, remainingMs}) => ({
				id,
				until: new Date(this.#now() + Math.max(0, remainingMs - ms)),
			})),
			lapsed: silent()
				.filter((verifier) => !rest.includes(verifier))
				.map(({id}) => id),
		};
	}
}
