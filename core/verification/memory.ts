/**
 * A bounded map that forgets what was not used for longest. Two generations instead of a list: a
 * hit in the young one writes nothing, and when the young one is half of the bound it becomes the
 * old one, whose rest is forgotten. Emptying it costs the same however full it is.
 */
export class Memory<Value> {
	#young = new Map<string, Value>();
	#old = new Map<string, Value>();
	readonly #half: number;

	/** @param bound most entries, at least 2 */
	constructor(bound: number) {
		this.#half = Math.max(1, Math.floor(bound / 2));
	}

	get size(): number {
		return this.#young.size + this.#old.size;
	}

	get(key: string): Value | undefined {
		const value = this.#young.get(key);
		if (value !== undefined) return value;
		const older = this.#old.get(key);
		if (older === undefined) return undefined;
		this.#old.delete(key);
		this.set(key, older);
		return older;
	}

	set(key: string, value: Value): void {
		if (this.#young.size >= this.#half && !this.#young.has(key)) {
			this.#old = this.#young;
			this.#young = new Map();
		}
		this.#young.set(key, value);
		this.#old.delete(key);
	}

	delete(key: string): void {
		this.#young.delete(key);
		this.#old.delete(key);
	}

	clear(): void {
		this.#young = new Map();
		this.#old = new Map();
	}
}
