import {orAborted} from './fault.ts';

/** Few at a time of each party, and of all together: whoever comes later waits. */
export class Turns {
	readonly #mostOfOne: number;
	readonly #mostOfAll: number;
	readonly #taken = new Map<string, number>();
	#takenOfAll = 0;
	#waiting: {party: string; go: () => void}[] = [];

	constructor(mostOfOne: number, mostOfAll: number) {
		this.#mostOfOne = mostOfOne;
		this.#mostOfAll = mostOfAll;
	}

	/**
	 * Waits for a turn.
	 *
	 * @returns what ends it
	 * @throws what `fault` makes, where the signal aborts first
	 */
	async take(party: string, signal: AbortSignal, fault: () => Error): Promise<() => void> {
		const turn = Promise.withResolvers<void>();
		const entry = {party, go: turn.resolve};
		this.#waiting.push(entry);
		this.#next();
		try {
			await orAborted(turn.promise, signal, fault);
		} catch (error) {
			const isWaiting = this.#waiting.includes(entry);
			this.#waiting = this.#waiting.filter((each) => each !== entry);
			// Its turn came in the very moment that it gave up.
			if (!isWaiting) this.#end(party);
			throw error;
		}
		return () => this.#end(party);
	}

	#end(party: string): void {
		const left = (this.#taken.get(party) ?? 0) - 1;
		if (left > 0) this.#taken.set(party, left);
		else this.#taken.delete(party);
		this.#takenOfAll--;
		this.#next();
	}

	#next(): void {
		this.#waiting = this.#waiting.filter(({party, go}) => {
			const taken = this.#taken.get(party) ?? 0;
			if (this.#takenOfAll >= this.#mostOfAll || taken >= this.#mostOfOne) return true;
			this.#taken.set(party, taken + 1);
			this.#takenOfAll++;
			go();
			return false;
		});
	}
}
