/** Which slots of a batch changed since they were last taken to be sent. */
export class ChangedSlots {
	/** 1 where a slot changed: it is in the list then. */
	readonly #isChanged: Uint8Array;
	#changed: number[] = [];
	#taken = 0;

	/** @param capacity most slots */
	constructor(capacity: number) {
		this.#isChanged = new Uint8Array(capacity);
	}

	/** Slots whose last change was not confirmed by whoever takes them. */
	get size(): number {
		return this.#changed.length + this.#taken;
	}

	mark(slot: number): void {
		if (this.#isChanged[slot] !== 0) return;
		this.#isChanged[slot] = 1;
		this.#changed.push(slot);
	}

	/** @param count of the slots in use, from the first one on */
	markAll(count: number): void {
		this.#isChanged.fill(1, 0, count);
		this.#changed = Array.from({length: count}, (_, slot) => slot);
	}

	/**
	 * Takes what changed, a part at a time, for `send`, once round: what changes meanwhile waits for the
	 * next time.
	 *
	 * @param most slots of one part
	 * @param mostInAll those that have waited longest; the others wait for the next time
	 * @throws what `send` throws; its part counts as changed again
	 */
	async take(
		most: number,
		send: (slots: readonly number[]) => Promise<void>,
		mostInAll = Infinity,
	): Promise<void> {
		for (let left = Math.min(this.#changed.length, mostInAll); left > 0; left -= most) {
			const slots = this.#changed.splice(0, Math.min(most, left));
			for (const slot of slots) this.#isChanged[slot] = 0;
			this.#taken += slots.length;
			try {
				await send(slots);
			} catch (error) {
				for (const slot of slots) this.mark(slot);
				throw error;
			} finally {
				this.#taken -= slots.length;
			}
		}
	}
}
