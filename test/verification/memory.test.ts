import {hash as digest} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type {KeyHashText} from '../../core/keys/token.ts';
import {Memory} from '../../core/verification/memory.ts';

const hashOf = (name: string) => digest('sha256', name, 'latin1') as KeyHashText;
const names = Array.from({length: 12}, (_, i) => hashOf(String(i)));
/** Differ in one word, the last but in one bit: they are at home in the same place. */
const alike = ['\u0001', '\u0002', 'a', '\u00ff'].map(
	(end) => `${'x'.repeat(31)}${end}` as KeyHashText,
);

const hash = fc.constantFrom(...names, ...alike);
const step = fc.oneof(
	{weight: 10, arbitrary: fc.record({do: fc.constant('use' as const), hash})},
	{weight: 3, arbitrary: fc.record({do: fc.constant('delete' as const), hash})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('clear' as const)})},
);

/** The same rule with a plain list: what is there, from the oldest to the newest, and where the hand is. */
class Model {
	readonly #bound: number;
	#kept: {hash: KeyHashText; slot: number; isUsed: boolean}[] = [];
	#hand = 0;

	constructor(bound: number) {
		this.#bound = bound;
	}

	get slots(): readonly number[] {
		return this.#kept.map(({slot}) => slot);
	}

	slotOf(hash: KeyHashText): number {
		return this.#kept.find((one) => one.hash === hash)?.slot ?? -1;
	}

	use(hash: KeyHashText): void {
		for (const one of this.#kept) if (one.hash === hash) one.isUsed = true;
	}

	/** @param give takes the slot, once there is room */
	add(hash: KeyHashText, give: () => number): void {
		while (this.#kept.length === this.#bound) {
			const one = this.#kept[this.#hand];
			if (one === undefined) this.#hand = 0;
			else if (!one.isUsed) this.#remove(this.#hand);
			else {
				one.isUsed = false;
				this.#hand++;
			}
		}
		this.#kept.push({hash, slot: give(), isUsed: false});
	}

	delete(hash: KeyHashText): void {
		const at = this.#kept.findIndex((one) => one.hash === hash);
		if (at >= 0) this.#remove(at);
	}

	#remove(at: number): void {
		this.#kept.splice(at, 1);
		if (at < this.#hand) this.#hand--;
		// What comes next is not looked at before the hand has gone round.
		if (this.#hand === this.#kept.length) this.#hand = 0;
	}

	clear(): void {
		this.#kept = [];
		this.#hand = 0;
	}
}

test('what is used is there, as much as the bound, each hash with a slot of its own', (t) => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 12}), fc.array(step, {maxLength: 300}), (bound, steps) => {
			const memory = new Memory(bound);
			const model = new Model(bound);
			for (const each of steps) {
				if (each.do === 'clear') {
					memory.clear();
					model.clear();
				} else if (each.do === 'delete') {
					if (memory.delete(each.hash) !== model.slotOf(each.hash)) return false;
					model.delete(each.hash);
				} else {
					const found = memory.use(each.hash);
					if (found !== model.slotOf(each.hash)) return false;
					if (found >= 0) model.use(each.hash);
					else model.add(each.hash, () => memory.add(each.hash));
				}
				const {slots} = model;
				if (memory.size !== slots.length || new Set(slots).size !== slots.length) return false;
				if (slots.some((slot) => slot < 0 || slot >= bound)) return false;
			}
			return [...names, ...alike].every((each) => memory.use(each) === model.slotOf(each));
		}),
		{numRuns: 3000},
	);
	t.pass();
});

test('a large one: exactly as many hashes as the bound, used in random order, all stay', (t) => {
	const bound = 50_000;
	const memory = new Memory(bound);
	const hashes = Array.from({length: bound}, (_, i) => hashOf(`key ${i}`));
	const slots = hashes.map((each) => memory.add(each));
	t.is(new Set(slots).size, bound);
	let lost = 0;
	for (let i = 0; i < 20 * bound; i++) {
		const at = Math.floor(Math.random() * bound);
		if (memory.use(hashes[at] ?? hashOf('no such key')) !== slots[at]) lost++;
	}
	t.is(lost, 0);
	// All are in use, and one more comes.
	memory.add(hashOf('one more'));
	t.is(hashes.filter((each) => memory.use(each) < 0).length, 1);
});

test('a hash that is used again and again outlives any number of others', (t) => {
	const memory = new Memory(10);
	const often = hashOf('often');
	const slot = memory.add(often);
	for (let i = 0; i < 10_000; i++) {
		memory.add(hashOf(`other ${i}`));
		t.is(memory.use(often), slot);
	}
	t.is(memory.size, 10);
	t.is(memory.use(hashOf('other 0')), -1);
});

test('what is used once makes room before what is used again, whatever there is of it', (t) => {
	const memory = new Memory(1000);
	const chosen = Array.from({length: 900}, (_, i) => hashOf(`chosen ${i}`));
	for (const each of chosen) memory.add(each);
	for (let round = 0; round < 20; round++) {
		for (const each of chosen) memory.use(each);
		for (let i = 0; i < 2000; i++) memory.add(hashOf(`once ${round} ${i}`));
	}
	t.is(chosen.filter((each) => memory.use(each) < 0).length, 0);
});

test('what is not a SHA-256 is not a hash', (t) => {
	const memory = new Memory(10);
	t.throws(() => memory.use('short' as KeyHashText), {message: 'no SHA-256'});
});
