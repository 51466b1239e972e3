/**
 * A reading that many ask for at once. Whoever asks gets one that began after they did: those who
 * come while one is under way share the next.
 */
export class SharedReading<T> {
	readonly #read: () => Promise<T>;
	#current: Promise<T> | undefined;
	#following: Promise<T> | undefined;

	constructor(read: () => Promise<T>) {
		this.#read = read;
	}

	/** @throws what the reading throws */
	next(): Promise<T> {
		if (this.#current === undefined) return this.#begin();
		this.#following ??= this.#current
			.catch(() => undefined)
			.then(() => {
				this.#following = undefined;
				return this.#begin();
			});
		return this.#following;
	}

	#begin(): Promise<T> {
		const reading = this.#read().finally(() => {
			if (this.#current === reading) this.#current = undefined;
		});
		this.#current = reading;
		return reading;
	}
}
