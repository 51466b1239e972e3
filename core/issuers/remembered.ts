/** A value from outside is asked for at most this often, whoever wants it. */
const askEveryMs = 30_000;

export type RememberedOptions<T> = {
	read: () => Promise<T>;
	/** Younger than this it is used without asking, in milliseconds. */
	freshMs: number;
	/** Older than this it is not used at all. */
	staleMs: number;
	onFault: (error: unknown) => void;
	/** Monotonic, in milliseconds. */
	now: () => number;
};

/**
 * A value that somebody else publishes, kept for a while. When it is old, or does not have what is
 * looked for, it is read anew, once for all who wait; when that fails the old one goes on being
 * used, until it is too old for that, too.
 */
export class Remembered<T> {
	readonly #options: RememberedOptions<T>;
	#kept: {value: T; at: number} | undefined;
	#askedAt = Number.NEGATIVE_INFINITY;
	#reading: Promise<void> | undefined;

	constructor(options: RememberedOptions<T>) {
		this.#options = options;
	}

	/**
	 * @param isEnough whether a fresh value has what is looked for
	 * @returns undefined where there is none that may be used; the latest one otherwise, be it
	 * enough or not
	 */
	async get(isEnough: (value: T) => boolean = () => true): Promise<T | undefined> {
		const kept = this.#kept;
		const {freshMs, staleMs, now} = this.#options;
		if (kept !== undefined && now() - kept.at <= freshMs && isEnough(kept.value)) return kept.value;
		await this.#ask();
		const current = this.#kept;
		if (current === undefined || now() - current.at > Math.max(freshMs, staleMs)) return undefined;
		return current.value;
	}

	async #ask(): Promise<void> {
		const {now} = this.#options;
		if (this.#reading === undefined && now() - this.#askedAt >= askEveryMs) {
			this.#askedAt = now();
			this.#reading = this.#read().finally(() => {
				this.#reading = undefined;
			});
		}
		await this.#reading;
	}

	async #read(): Promise<void> {
		const {read, onFault, now} = this.#options;
		const at = now();
		try {
			this.#kept = {value: await read(), at};
		} catch (error) {
			onFault(error);
		}
	}
}
