import type {CompiledRoles, KeyRules} from '../keys/terms.ts';

/**
 * What the terms of known keys take in memory, and which keys are to be forgotten where that is too
 * much. A key may carry hundreds of networks, and an organisation have any number of keys: by their
 * number alone, those of one would leave no memory for the others.
 *
 * Terms and roles that several keys share are there once, and count once. Keys that carry nothing are never
 * among those that make room.
 */
export class TermsMemory {
	readonly #mostBytes: number;
	/** By slot, those that were read last at the end. */
	readonly #rules = new Map<number, KeyRules>();
	/** How many of those keys share them, or the roles that belong to them. */
	readonly #keys = new Map<KeyRules | CompiledRoles, number>();
	bytes = 0;

	constructor(mostBytes: number) {
		this.#mostBytes = mostBytes;
	}

	/** @param slot one that is not there */
	add(slot: number, rules: KeyRules): void {
		for (const part of partsOf(rules)) {
			const keys = this.#keys.get(part) ?? 0;
			if (keys === 0) this.bytes += part.bytes;
			this.#keys.set(part, keys + 1);
		}
		this.#rules.set(slot, rules);
	}

	delete(slot: number): void {
		const rules = this.#rules.get(slot);
		if (rules === undefined) return;
		this.#rules.delete(slot);
		for (const part of partsOf(rules)) {
			const keys = (this.#keys.get(part) ?? 0) - 1;
			if (keys > 0) {
				this.#keys.set(part, keys);
				continue;
			}
			this.#keys.delete(part);
			this.bytes -= part.bytes;
		}
	}

	clear(): void {
		this.#rules.clear();
		this.#keys.clear();
		this.bytes = 0;
	}

	/** The slots that make room, to be deleted one by one; never that of the key that was read last. */
	*excess(): Generator<number, void> {
		for (const slot of this.#rules.keys()) {
			if (this.bytes <= this.#mostBytes || this.#rules.size === 1) return;
			yield slot;
		}
	}
}

function partsOf(rules: KeyRules): readonly (KeyRules | CompiledRoles)[] {
	return rules.roles === undefined ? [rules] : [rules, rules.roles];
}
