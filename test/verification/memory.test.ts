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

test('the last used hashes are there, as many as the bound, each with a slot of its own', (t) => {
	fc.assert(
		fc.property(fc.integer({min: 1, max: 12}), fc.array(step, {maxLength: 300}), (bound, steps) => {
			const memory = new Memory(bound);
			/** Slots by hash, last used last. */
			const model = new Map<KeyHashText, number>();
			for (const each of steps) {
				if (each.do === 'clear') {
					memory.clear();
					model.clear();
				} else if (each.do === 'delete') {
					if (memory.delete(each.hash) !== (model.get(each.hash) ?? -1)) return false;
					model.delete(each.hash);
				} else {
					const found = memory.use(each.hash);
					if (found !== (model.get(each.hash) ?? -1)) return false;
					const [oldest] = model.keys();
					if (found < 0 && model.size === bound && oldest !== undefined) model.delete(oldest);
					const slot = found < 0 ? memory.add(each.hash) : found;
					if (slot < 0 || slot >= bound) return false;
					model.delete(each.hash);
					model.set(each.hash, slot);
				}
				if (memory.size !== model.size) return false;
				if (new Set(model.values()).size !== model.size) return false;
			}
			return [...model].every(([each, slot]) => memory.use(each) === slot);
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

test('what is not a SHA-256 is not a hash', (t) => {
	const memory = new Memory(10);
	t.throws(() => memory.use('short' as KeyHashText), {message: 'no SHA-256'});
});
